#!/usr/bin/env bash
# `make gpu-check` on a machine with a GPU but no network: torch and transformers are
# there, and .whl/ holds as wheels whatever else the course needs. Where there is a limit
# on what is carried: `python -m scripts.repack_wheels .whl`, and leave out debugpy, which
# ipykernel runs without.
#
#   bash scripts/gpu_offline.sh OUT rehearse    every path, small, 100 seconds
#   bash scripts/gpu_offline.sh OUT main        all of it, 560 seconds
#
# OUT gets results.tgz (tables, logs, replay, lessons) and the wider base's weights.
# .gpu-data/texts.json.gz, if it is there, is what scripts/gpu_texts.py has made.
set -u
out=$1 mode=$2
site=$HOME/site
if [ ! -e "$site/.done" ]; then
  python3 -m pip install -q --no-index --no-deps --no-compile --no-cache-dir \
    --upgrade --target "$site" .whl/*.whl && touch "$site/.done" || exit
fi
export PYTHONPATH=$site:$PWD JUPYTER_PATH=$site/share/jupyter WANDB_MODE=offline
export COURSE_HOME=$HOME/course TORCHINDUCTOR_CACHE_DIR=$HOME/inductor
run=$HOME/gpu-$mode
rm -rf "$run" && mkdir -p "$run"
{ date; nvidia-smi; lscpu; python3 -V; } >"$run/machine.log" 2>&1
python3 - <<'END'
from course_utils.data.sources import write_local_data
from course_utils.lesson.profile import local_data

write_local_data(local_data())  # the real chats, as files
END
texts=()
[ -e .gpu-data/texts.json.gz ] && texts=(--texts .gpu-data/texts.json.gz)
wide() { # name, layers, width, further options
  local name=$1 layers=$2 width=$3
  shift 3
  echo "$name: scripts.gpu_wide --layers $layers --width $width --ways place,long" \
    "--chats $COURSE_HOME/data/chitchat --out $run/$name $*"
}
if [ "$mode" = rehearse ]; then
  small=$(wide small 2 64 --pretrain-seconds 14 --finetune-seconds 5 --short-seconds 2)
  timeout -k 10 100 python3 -m scripts.gpu_check --rehearse --out "$run" \
    "${texts[@]}" --also "$small"
else
  long="--pretrain-seconds 150 --finetune-seconds 36 --short-seconds 2 --workers 5"
  timeout -k 10 560 python3 -m scripts.gpu_check --out "$run" "${texts[@]}" \
    --also "$(wide w256 6 256 $long)" --also "$(wide w384 6 384 $long)"
  for weights in "$run"/w*/*.safetensors; do
    case $weights in *-short.safetensors | *w384/base.*) continue ;; esac
    cp "$weights" "$out/$(basename "$(dirname "$weights")")-$(basename "$weights")"
  done
fi
tar czf "$out/results.tgz" -C "$run" --exclude='*.safetensors' --exclude='*-run' .
cut -c1-400 "$run/table.md"
