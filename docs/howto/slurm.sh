#!/bin/bash
# A grid on a Slurm cluster: sbatch slurm.sh my_grid.py
# The first task runs Dask's scheduler and your program, each of the others is a worker with a GPU.
#SBATCH --job-name=w2s
#SBATCH --ntasks=5
#SBATCH --cpus-per-task=4
#SBATCH --gpus-per-task=1
#SBATCH --time=04:00:00
#SBATCH --requeue
set -euo pipefail

export PROGRAM="$1" PYTHON="${PYTHON:-python}"
export W2S_SCHEDULER="$PWD/scheduler-${SLURM_JOB_ID:-here}.json" # all machines have to see this folder
rm -f "$W2S_SCHEDULER"
trap 'rm -f "$W2S_SCHEDULER"' EXIT

srun bash -c '
if [ "$SLURM_PROCID" -eq 0 ]; then
    "$PYTHON" -m distributed.cli.dask_scheduler --scheduler-file "$W2S_SCHEDULER" --port 0 --no-dashboard &
    "$PYTHON" "$PROGRAM"
    wait
else
    until [ -s "$W2S_SCHEDULER" ]; do sleep 1; done
    "$PYTHON" -m distributed.cli.dask_worker --scheduler-file "$W2S_SCHEDULER" --nthreads 1 --no-dashboard --death-timeout 60
fi'
