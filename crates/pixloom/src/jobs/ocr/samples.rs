//! Small texts of our own in several languages, and the kind of image that is made of them.
use super::config::{Config, Range, Spec, TextDirection};
use super::corpus::Corpus;
use super::distribution::Distribution;
use super::knob::K;

/// Language codes and texts, all in scripts that the embedded font has.
static TEXTS: [(&str, &str); 12] = [
    (
        "builtin/eng",
        "The last train leaves at 21:47, so we should walk to the station now. Fresh bread costs 3.20 today; cheese is half the price! Who left these two green umbrellas near the office door? Keep the receipt for your files & flowers. Page 12 of 58 follows.",
    ),
    (
        "builtin/deu",
        "Der Zug nach Görlitz fährt heute von Gleis 7 ab. Fünf kräftige Äpfel kosten 2,50 €, süße Brötchen weniger. Wer hat die große Tür offen gelassen? Am 14. März öffnet das Museum erst um 10:30 Uhr.",
    ),
    (
        "builtin/fra",
        "Le marché ouvre à sept heures, même l'été. Où est passée la clé du garage ? Trois cafés, s'il vous plaît, et une part de gâteau. L'hôtel se trouve près de la forêt, à 450 mètres du château.",
    ),
    (
        "builtin/spa",
        "¿Dónde está la estación más próxima? Mañana lloverá en la montaña, pero aquí hará sol. El niño compró 25 piñas y una cañita. ¡Qué sorpresa tan agradable! Abierto de lunes a viernes, de 9 a 14 h.",
    ),
    (
        "builtin/pol",
        "Łódź płynie powoli wzdłuż brzegu. Gdzie położyłeś żółty sweter? Jutro o 8:15 zaczyna się ważne spotkanie. Świeże pączki kosztują 4,50 zł, a źródlana woda jest za darmo.",
    ),
    (
        "builtin/ces",
        "Příští vlak odjíždí ve 14.05 z druhého nástupiště. Žluťoučká růže kvete u staré zdi. Kolik stojí čerstvé koláče? Dědeček má šest včelích úlů a jednu měkkou židli.",
    ),
    (
        "builtin/tur",
        "Yarın sabah güneşli bir gün olacak. Bu çarşıda taze ekmek, peynir ve zeytin satılıyor. Işıkları kim açık bıraktı? Müze saat 09:00'da açılır, giriş ücreti 40 lira.",
    ),
    (
        "builtin/vie",
        "Chuyến tàu cuối cùng rời ga lúc chín giờ tối. Quán phở ở góc đường mở cửa từ sáng sớm. Ai để quên chiếc ô màu xanh ở đây? Giá vé là 35.000 đồng, trẻ em được miễn phí.",
    ),
    (
        "builtin/rus",
        "Поезд на Казань отходит в 18:20 со второго пути. Где лежит ключ от почтового ящика? Свежий хлеб стоит 45 рублей, а сыр дороже. Завтра музей открыт с десяти до шести, вход бесплатный.",
    ),
    (
        "builtin/ukr",
        "Їжак поспішає до лісу, бо починається дощ. Скільки коштує квиток до Львова? Щовечора о 19:30 ґанок освітлює ліхтар. Пиріжки з яблуками вже на столі, чай гарячий.",
    ),
    (
        "builtin/ell",
        "Το πλοίο φεύγει στις 07:15 από την αποβάθρα 3. Πού είναι το κλειδί της αποθήκης; Το φρέσκο ψωμί κοστίζει 1,80 ευρώ. Αύριο η βιβλιοθήκη θα ανοίξει στις δέκα το πρωί.",
    ),
    (
        "builtin/isl",
        "Þegar sólin kemur upp er höfnin ennþá hljóð. Hvað kostar einn miði til Akureyrar? Nýbakað brauð og góður ostur fást í búðinni við fjörðinn. Safnið opnar klukkan 10:00.",
    ),
];

/// The text of that name.
pub(super) fn corpus(name: &str) -> Corpus {
    let text = TEXTS.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text);
    Corpus::embedded(name, text)
}

/// Whether there is a text of that name.
pub(super) fn is_known(name: &str) -> bool {
    TEXTS.iter().any(|(known, _)| *known == name)
}

/// The names of all texts.
pub(super) fn names() -> impl Iterator<Item = String> {
    TEXTS.iter().map(|(name, _)| (*name).to_owned())
}

/// What is made without a configuration: lines as a scanner or a telephone would see them.
pub(super) fn config(total_images: u64) -> Config {
    let mut spec = Spec {
        text_direction: TextDirection::Auto,
        text_color_max: [90, 90, 110],
        min_text_length: 8,
        max_text_length: 40,
        ..Spec::default()
    };
    let mut set = |k: K, low: f64, high: f64, distribution: Distribution, probability: f64| {
        spec.ranges[k as usize] = Range { low, high, distribution, probability };
    };
    set(K::FontSize, 26.0, 44.0, Distribution::Uniform, 1.0);
    set(K::Padding, 4.0, 16.0, Distribution::Uniform, 1.0);
    set(K::Rotation, -2.0, 2.0, Distribution::TruncatedNormal, 1.0);
    set(K::Perspective, 0.0, 0.12, Distribution::Beta, 0.5);
    set(K::Blur, 0.0, 1.2, Distribution::Beta, 0.7);
    set(K::GaussianNoise, 0.0, 0.06, Distribution::Beta, 0.7);
    set(K::Brightness, 0.85, 1.1, Distribution::Normal, 1.0);
    set(K::InkBleed, 0.0, 1.5, Distribution::Exponential, 0.3);
    set(K::Lighting, 0.0, 0.3, Distribution::Uniform, 0.3);
    Config { total_images, seed: None, specifications: vec![spec] }
}

#[cfg(test)]
mod tests {
    use super::super::library::Library;
    use super::*;

    #[test]
    fn the_embedded_font_has_every_letter() {
        let library = Library::embedded().unwrap();
        for (name, text) in TEXTS {
            assert_eq!(library.fonts[0].face.coverage().missing(text), None, "{name}");
        }
    }
}
