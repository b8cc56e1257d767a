#!/usr/bin/env bash
# A simulated year of a node beside a week of it: see simulated_year.cpp.
# Usage: year.sh [ATHLETES (1000)] [DAYS (365)] [ACTIVITIES OF EACH (20)]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
exec "${PROGRAM:-$root/build/release/bench/simulated_year}" "$@"
