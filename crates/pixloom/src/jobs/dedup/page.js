'use strict';
const dialog = document.getElementById('view');
const canvas = document.getElementById('canvas');
const context = canvas.getContext('2d', { willReadFrequently: true });
const what = document.getElementById('what');
let timer = null;

const load = (source) => new Promise((done) => {
  const image = new Image();
  image.onload = () => done(image);
  image.src = source;
});

// Draws the copy over the best, moved as the match says, or stretched where it says nothing.
function drawCopy(copy, map, sizes) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
  if (!map) {
    context.drawImage(copy, 0, 0, canvas.width, canvas.height);
    return;
  }
  const [bestWidth, copyWidth] = sizes;
  const toCanvas = canvas.width / bestWidth, toFull = copyWidth / copy.width;
  const [xx, xy, x0, yx, yy, y0] = map;
  context.setTransform(xx * toCanvas * toFull, yx * toCanvas * toFull, xy * toCanvas * toFull,
    yy * toCanvas * toFull, x0 * toCanvas, y0 * toCanvas);
  context.drawImage(copy, 0, 0);
  context.setTransform(1, 0, 0, 1, 0, 0);
}

function drawBest(best) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(best, 0, 0, canvas.width, canvas.height);
}

async function show(item, mode) {
  clearInterval(timer);
  const group = item.closest('.group');
  const best = await load(group.querySelector('.best img').src);
  const copy = await load(item.querySelector('img').src);
  const map = item.dataset.map ? JSON.parse(item.dataset.map) : null;
  const sizes = item.dataset.sizes ? JSON.parse(item.dataset.sizes) : null;
  canvas.width = best.width * 2;
  canvas.height = best.height * 2;
  if (mode === 'blink') {
    let first = true;
    const step = () => {
      if (first) drawBest(best); else drawCopy(copy, map, sizes);
      what.textContent = first ? 'the best' : item.dataset.name;
      first = !first;
    };
    step();
    timer = setInterval(step, 700);
  } else {
    drawBest(best);
    const one = context.getImageData(0, 0, canvas.width, canvas.height);
    drawCopy(copy, map, sizes);
    const two = context.getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < one.data.length; at += 4) {
      for (let c = 0; c < 3; c += 1) {
        one.data[at + c] = Math.min(255, 4 * Math.abs(one.data[at + c] - two.data[at + c]));
      }
    }
    context.putImageData(one, 0, 0);
    what.textContent = 'difference, four times as bright';
  }
  dialog.dataset.item = item.id;
  if (!dialog.open) dialog.showModal();
}

document.addEventListener('click', (event) => {
  const mode = event.target.dataset.mode;
  if (!mode) return;
  const item = event.target.closest('li') || document.getElementById(dialog.dataset.item);
  show(item, mode);
});
dialog.addEventListener('close', () => clearInterval(timer));

const filter = document.getElementById('class');
const shown = document.getElementById('shown');
function apply() {
  let count = 0;
  for (const group of document.querySelectorAll('.group')) {
    const fits = !filter.value || group.dataset.classes.split(' ').includes(filter.value);
    group.hidden = !fits;
    count += fits;
  }
  shown.textContent = `${count} groups`;
}
filter.addEventListener('change', apply);
apply();
