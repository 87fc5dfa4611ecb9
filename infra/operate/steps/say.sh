#!/usr/bin/env bash
# Output and exit functions for the steps of deploy.sh.

# Exit codes of deploy.sh, documented in its --help.
FAILED=1
WRONG_USAGE=2
# shellcheck disable=SC2034 # deploy.sh uses it
NOT_APPLIED=4

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

# For a failure after the first change: explains the state of the deployment.
fail_midway() {
  printf '%s\n' "$@" 'The resources deployed so far remain. Run this script again to continue.' >&2
  exit "$FAILED"
}

wrong_usage() {
  printf '%s\nRun with --help for the usage.\n' "$1" >&2
  exit "$WRONG_USAGE"
}
