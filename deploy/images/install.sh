#!/bin/sh
# What an image installs, one layer each; `make images-check` runs the same lines into an empty folder.
#   install.sh torch cuda|cpu|none     torch, for all images with a model one layer that they share
#   install.sh role segmenter          what one role needs besides, and nothing of the others
#   install.sh models mini-judge …     bundled weights, from $BUNDLED into models/
set -eu
what="$1"
shift
install="${PYTHON:-python} -m pip install --disable-pip-version-check --no-cache-dir --quiet --constraint constraints.txt"
case "$what:${1:-}" in
  torch:none) ;;
  # both from one index: torchvision is built for one torch
  torch:cuda) $install torch torchvision ;;
  torch:cpu) PIP_INDEX_URL="${TORCH_INDEX:?the CPU variant needs PyTorch's own index, which its install page names}" $install torch torchvision ;;
  role:?*) $install ".[$1]" ;;
  models:*) for model in "$@"; do cp -r "${BUNDLED:?}/$model" models/; done ;;
  *) echo "install.sh: no such thing as $what ${1:-}" >&2; exit 2 ;;
esac
