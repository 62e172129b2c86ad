#!/bin/sh
# What a pull request must pass: well written, tested, no protection weakened without its owners, nothing new found.
set -u
base=${1:?the branch to merge into}
as_of=${2:-2026-11-23T10:00:00Z}
worst=0
step() {
    "$@" || { code=$?; [ "$code" -le "$worst" ] || worst=$code; }
}
step governance policy lint
step governance policy test
step governance policy diff --base "$base" --fail-on weakened --as-of "$as_of"
step governance check --base "$base" --as-of "$as_of"
exit "$worst"
