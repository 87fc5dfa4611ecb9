#!/usr/bin/env bash
# Grants the app's identity its permissions in the clusters: applies infra/kubernetes/base with the object ID of the
# identity. Compatible with bash 3.2, the version of macOS.
set -euo pipefail

USAGE='Usage: bash infra/operate/apply-manifests.sh --principal ID --cluster ID [--cluster ID ...] [--print]

  --principal ID   object ID of the identity: the template output IDENTITY_PRINCIPAL_ID
  --cluster ID     resource ID of a cluster; repeat the option for each cluster
  --print          print the commands without running them

Exit codes: 0 applied or printed, 2 incorrect usage, 4 the manifests were not applied to at least one cluster; its
commands were printed.'

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly BASE=infra/kubernetes/base
readonly PLACEHOLDER_ID=00000000-0000-0000-0000-000000000000
readonly NOT_APPLIED=4

main() {
  local principal='' only_print=no clusters=()
  while [ $# -gt 0 ]; do
    case $1 in
      --principal) principal=${2-} && shift ;;
      --cluster) clusters+=("${2-}") && shift ;;
      --print) only_print=yes ;;
      --help) printf '%s\n' "$USAGE" && return ;;
      *) wrong_usage "The option '$1' is unknown." ;;
    esac
    shift || wrong_usage 'The last option has no value. Add its value.'
  done
  [[ $principal =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]] ||
    wrong_usage "The value '$principal' of --principal is not an object ID. Pass the output IDENTITY_PRINCIPAL_ID."
  [ "${#clusters[@]}" -gt 0 ] || wrong_usage '--cluster is missing. Pass the resource ID of each cluster.'
  cd "$root"
  folder=$(mktemp -d)
  # The folder will contain credentials.
  trap 'rm -rf "$folder"' EXIT
  local cluster code=0
  for cluster in "${clusters[@]}"; do
    if [ "$only_print" = yes ]; then
      print_commands "$cluster" "$principal"
    elif ! apply_to "$cluster" "$principal"; then
      printf 'The manifests were not applied to %s.\n' "$cluster"
      printf 'Correct the error above, or run these commands on a machine that can reach the cluster:\n\n'
      print_commands "$cluster" "$principal"
      code=$NOT_APPLIED
    fi
  done
  return "$code"
}

wrong_usage() {
  printf '%s\n\n%s\n' "$1" "$USAGE" >&2
  exit 2
}

# Runs in a condition, where bash ignores "set -e": each command needs its own error handling.
apply_to() {
  local id=$1 principal=$2 config="$folder/kubeconfig" manifests namespace
  manifests=$(kubectl kustomize "$BASE") || return
  # The placeholder must be replaced: it is the object ID of no identity.
  case $manifests in
    *"$PLACEHOLDER_ID"*) manifests=${manifests//$PLACEHOLDER_ID/$principal} ;;
    *) printf 'infra/kubernetes/base already contains the object ID of an identity. It is applied unchanged.\n' ;;
  esac
  namespace=$(namespace_of "$manifests")
  rm -f "$config"
  az aks get-credentials --subscription "$(part "$id" 3)" --resource-group "$(part "$id" 5)" --name "$(part "$id" 9)" \
    --file "$config" --output none || return
  # With Microsoft Entra integration, kubectl would open a browser to sign in. This uses the sign-in of the Azure CLI.
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

# Prints the namespace of the manifests.
namespace_of() {
  sed -n 's/^  namespace: //p' <<<"$1" | sort -u | sed -n 1p
}

# Prints the nth segment of a resource ID; the first is empty.
part() {
  printf '%s' "$1" | cut -d / -f "$2"
}

print_commands() {
  local id=$1
  cat <<END
  az aks get-credentials --subscription $(part "$id" 3) --resource-group $(part "$id" 5) --name $(part "$id" 9)
  kubectl create namespace monitoring   # if it does not exist
  kubectl kustomize $BASE | sed "s/$PLACEHOLDER_ID/$2/" | kubectl apply --filename -

END
}

main "$@"
