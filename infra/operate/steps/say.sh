#!/usr/bin/env bash
# What the steps of deploy.sh say, and what they do with what is over.

# Exit codes of deploy.sh, as its --help has them.
FAILED=1
WRONG_USAGE=2

step() {
  printf '\n== %s ==\n' "$1"
}

say() {
  printf '%s\n' "$@"
}

fail() {
  printf '%s\n' "$@" >&2
  exit "$FAILED"
}

# For a step that failed after something was changed: whoever reads it wonders what now.
fail_midway() {
  printf '%s\n' "$@" 'What was deployed so far stays, and running this again goes on from there.' >&2
  exit "$FAILED"
}

wrong_usage() {
  printf '%s\nSee --help.\n' "$1" >&2
  exit "$WRONG_USAGE"
}
