#!/usr/bin/env bash
# The bundled family from nothing: the commands of the committed weights, in their order. About 5 hours on two cores.
#
#   bundled/family.sh [FOLDER]        default out/family; `models` replaces the committed weights
#
# Every part may be stopped (Ctrl-C): the same command goes on, inside the part at which it was. What is done is noted
# in FOLDER/.done and not done again. Pictures are drawn into out/, plates into models/mini-plates unless they are there.
# SMALL=1 makes everything tiny, to see that it runs; STUDIO=false leaves out what needs the renderer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

family=${1:-out/family}
python=${PYTHON:-.venv/bin/python}
studio=${STUDIO:-bundled/studio/.venv/bin/python}
longest=${LONGEST:-12h}   # of one part
export OMP_NUM_THREADS=1

if [[ -n ${SMALL:-} ]]; then
  [[ $family != models ]] || { echo "SMALL=1 would replace the committed weights by untrained ones" >&2; exit 2; }
  scenes=2 packshots=2 segmenter_minutes=0.1 probe_steps=2 captioner_steps=2 judge_steps=2 inpainter_minutes=0.3
  few=(--pictures 64 --unseen 8) few_pairs=(--drawn 4 --unseen 1) few_masks=(--unseen 2) few_paintings=(--first 4 --unseen 2 --work "$family/.work")
else
  scenes=3000 packshots=1500 segmenter_minutes=34 probe_steps=4000 captioner_steps=170 judge_steps=420 inpainter_minutes=90
  few=() few_pairs=() few_masks=() few_paintings=()
fi

part() {  # name, command: once, at low priority, for a bounded time
  local name=$1${SMALL:+-small}; shift
  [[ -e $family/.done/$name ]] && { echo "== $name is done"; return; }
  echo "== $name: $*"
  timeout --foreground --signal=INT "$longest" nice "$@"
  mkdir -p "$family/.done" && touch "$family/.done/$name"
}

shards=() traced=()
if [[ $studio != false ]]; then
  part scenes    "$studio" -m bundled.studio --kind scenes --count "$scenes" --out out/scenes
  part packshots "$studio" -m bundled.studio --kind packshots --count "$packshots" --out out/packshots
  part plates    "$studio" -m bundled.studio --kind plates --out models/mini-plates
  part samples   "$studio" -m bundled.studio --kind samples --out samples/photos
  shards=(--shards out/packshots out/scenes) traced=(--scenes out/scenes)
fi
part lessons   "$python" -m bundled.quick samples/lessons
part segmenter "$python" -m bundled.training.segmenter --minutes "$segmenter_minutes" "${shards[@]}" --out "$family/mini-segmenter" "${few_masks[@]}"
part probe     "$python" -m bundled.training.probe "$family/mini-probe" --steps "$probe_steps" "${traced[@]}" "${few[@]}"
part captioner "$python" -m bundled.training.captioner "$family/mini-captioner" --steps "$captioner_steps" "${few[@]}"
part judge     "$python" -m bundled.training.judge "$family/mini-judge" --start "$family/mini-probe" --steps "$judge_steps" "${few_pairs[@]}"
part inpainter "$python" -m bundled.training.inpainter --out "$family/mini-inpainter" --minutes "$inpainter_minutes" "${traced[@]}" "${few_paintings[@]}"
