#!/usr/bin/env bash
# Gives the app's identity its rights in the clusters: applies infra/kubernetes/base with the identity's object id in
# it. It works with bash 3.2, which macOS has.
set -euo pipefail

USAGE='Usage: bash infra/operate/apply-manifests.sh --principal ID --cluster ID [--cluster ID ...] [--print]

  --principal ID   the object id of the identity: the output IDENTITY_PRINCIPAL_ID of the template
  --cluster ID     the resource id of a cluster; once for each
  --print          print the commands, run none

Exit codes: 0 applied or printed, 2 wrong usage, 4 at least one cluster was not reached; its commands were printed.'

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly BASE=infra/kubernetes/base
readonly NOBODY=00000000-0000-0000-0000-000000000000
readonly NOT_REACHED=4

main() {
  local principal='' only_print=no clusters=()
  while [ $# -gt 0 ]; do
    case $1 in
      --principal) principal=${2-} && shift ;;
      --cluster) clusters+=("${2-}") && shift ;;
      --print) only_print=yes ;;
      --help) printf '%s\n' "$USAGE" && return ;;
      *) wrong_usage "found '$1', which is no option" ;;
    esac
    shift || wrong_usage 'the last option has no value'
  done
  [[ $principal =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]] ||
    wrong_usage "--principal: found '$principal', expected an object id"
  [ "${#clusters[@]}" -gt 0 ] || wrong_usage '--cluster is missing'
  cd "$root"
  folder=$(mktemp -d)
  # It will hold credentials.
  trap 'rm -rf "$folder"' EXIT
  local cluster left=0
  for cluster in "${clusters[@]}"; do
    if [ "$only_print" = yes ]; then
      print_commands "$cluster" "$principal"
    elif ! apply_to "$cluster" "$principal"; then
      printf '%s was not reached. Where it can be, run:\n\n' "$cluster"
      print_commands "$cluster" "$principal"
      left=$NOT_REACHED
    fi
  done
  return "$left"
}

wrong_usage() {
  printf '%s\n\n%s\n' "$1" "$USAGE" >&2
  exit 2
}

# Called in a condition, where bash does not stop at errors: each step says itself what follows.
apply_to() {
  local id=$1 principal=$2 config="$folder/kubeconfig" manifests namespace
  manifests=$(kubectl kustomize "$BASE") || return
  # Zeros that are left would bind the roles to nobody.
  case $manifests in
    *"$NOBODY"*) manifests=${manifests//$NOBODY/$principal} ;;
    *) printf 'infra/kubernetes/base names an identity already, not the zeros: it is applied as it is.\n' ;;
  esac
  namespace=$(namespace_of "$manifests")
  rm -f "$config"
  az aks get-credentials --subscription "$(part "$id" 3)" --resource-group "$(part "$id" 5)" --name "$(part "$id" 9)" \
    --file "$config" --output none || return
  # With Entra, the file asks for a sign-in by browser; whoever is signed in to az needs none.
  if command -v kubelogin >/dev/null 2>&1; then
    kubelogin convert-kubeconfig --login azurecli --kubeconfig "$config" || return
  fi
  local found
  found=$(to_cluster get namespace "$namespace" --ignore-not-found --output name) || return
  if [ -z "$found" ]; then to_cluster create namespace "$namespace" || return; fi
  printf '%s\n' "$manifests" | to_cluster apply --filename - || return
}

to_cluster() {
  kubectl --kubeconfig "$folder/kubeconfig" --request-timeout 20s "$@"
}

# The namespace that kustomize put the Service into.
namespace_of() {
  sed -n 's/^  namespace: //p' <<<"$1" | sort -u | sed -n 1p
}

# The nth word between the slashes of an id; the first is empty.
part() {
  printf '%s' "$1" | cut -d / -f "$2"
}

print_commands() {
  local id=$1
  cat <<END
  az aks get-credentials --subscription $(part "$id" 3) --resource-group $(part "$id" 5) --name $(part "$id" 9)
  kubectl create namespace monitoring   # unless it is there
  kubectl kustomize $BASE | sed "s/$NOBODY/$2/" | kubectl apply --filename -

END
}

main "$@"
