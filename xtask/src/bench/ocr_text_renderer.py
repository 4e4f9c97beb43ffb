"""Lines of 20 to 40 letters over pictures with perspective, as text_renderer makes them."""
import os
from pathlib import Path
from text_renderer.config import GeneratorCfg, NormPerspectiveTransformCfg, RenderCfg
from text_renderer.corpus import CharCorpus, CharCorpusCfg

work = Path(os.environ["BENCH_OCR"])
corpus = CharCorpus(CharCorpusCfg(text_paths=[work / "texts" / "eng.txt"], filter_by_chars=False, length=(20, 41),
                                  font_dir=work / "fonts", font_size=(40, 50)))
configs = [GeneratorCfg(num_image=int(os.environ["BENCH_COUNT"]), save_dir=Path(os.environ["BENCH_OUT"]),
                        render_cfg=RenderCfg(bg_dir=work / "paper", gray=False, height=64, corpus=corpus,
                                             perspective_transform=NormPerspectiveTransformCfg(20, 20, 1.5)))]
