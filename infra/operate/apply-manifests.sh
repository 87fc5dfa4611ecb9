#!/usr/bin/env bash
# Grants the app's identity its permissions in the clusters: applies infra/kubernetes/base or an overlay, which contains
# it, and infra/kubernetes/bindings with the object ID of the identity. It is idempotent, and does not change the
# permissions of other identities.
# Compatible with bash 3.2, the version of macOS.
set -euo pipefail

USAGE='Usage: bash infra/operate/apply-manifests.sh --principal ID --cluster ID [--cluster ID ...] [options]

  --principal ID    object ID of the identity: the template output IDENTITY_PRINCIPAL_ID
  --cluster ID      resource ID of a cluster; repeat the option for each cluster
  --namespace NAME  namespace of the Service, as in the app setting SCRAPE_NAMESPACE (default monitoring)
  --prometheus NAME apply this overlay of infra/kubernetes/overlays, for your kind of Prometheus; by default, the one
                    that a cluster has, else none
  --print           print the commands without running them
  --help            show this help

Exit codes: 0 applied or printed, 2 incorrect usage, 4 the manifests were not applied to at least one cluster: the reason
and its commands were printed.'

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly BASE=infra/kubernetes/base
readonly OVERLAYS=infra/kubernetes/overlays
readonly BINDINGS=infra/kubernetes/bindings
readonly NOT_APPLIED=4

main() {
  local principal='' only_print=no clusters=()
  namespace=monitoring overlay=''
  while [ $# -gt 0 ]; do
    case $1 in
      --principal) principal=${2-} && shift ;;
      --cluster) clusters+=("${2-}") && shift ;;
      --namespace) namespace=${2-} && shift ;;
      --prometheus) overlay=${2-} && shift ;;
      --print) only_print=yes ;;
      --help) printf '%s\n' "$USAGE" && return ;;
      *) wrong_usage "The option '$1' is unknown." ;;
    esac
    shift || wrong_usage 'The last option has no value. Add its value.'
  done
  [[ $principal =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]] ||
    wrong_usage "The value '$principal' of --principal is not an object ID. Pass the output IDENTITY_PRINCIPAL_ID."
  [[ $namespace =~ ^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$ ]] ||
    wrong_usage "The value '$namespace' of --namespace is not the name of a namespace. Pass the value of SCRAPE_NAMESPACE."
  is_overlay "$overlay" || [ -z "$overlay" ] ||
    wrong_usage "The value '$overlay' of --prometheus is not an overlay. Pass the name of a folder in $OVERLAYS."
  [ "${#clusters[@]}" -gt 0 ] || wrong_usage '--cluster is missing. Pass the resource ID of each cluster.'
  # For sed. Only metadata.namespace is indented by two spaces.
  in_namespace="s/^  namespace: .*/  namespace: $namespace/"
  for_identity="s/%OBJECT_ID%/$principal/"
  cd "$root"
  folder=$(mktemp -d)
  # The folder will contain credentials.
  trap 'rm -rf "$folder"' EXIT
  local cluster code=0
  for cluster in "${clusters[@]}"; do
    if [ "$only_print" = yes ]; then
      print_commands "$cluster"
    elif ! apply_to "$cluster"; then
      printf 'Not done yet: the manifests were not applied to %s.\n%s\n' "$cluster" "$(explain_failure)"
      printf 'Then run this again, or these commands in a clone:\n\n'
      print_commands "$cluster"
      code=$NOT_APPLIED
    fi
  done
  return "$code"
}

is_overlay() {
  [[ $1 =~ ^[a-z-]+$ ]] && [ -f "$root/$OVERLAYS/$1/kustomization.yaml" ]
}

# Says what to do about the last error of kubectl.
explain_failure() {
  case $(cat "$folder/errors") in
    *'(Forbidden)'*)
      printf 'The cluster denies it to your account. Sign in as an administrator of the cluster, for example with the role '
      printf 'Azure Kubernetes Service RBAC Cluster Admin.'
      ;;
    *kubelogin*)
      printf 'The cluster has Microsoft Entra integration, and kubelogin is not installed. Install it: az aks install-cli.'
      ;;
    *'Unable to connect'* | *refused* | *timeout* | *'timed out'* | *'deadline exceeded'* | *'no such host'* | *EOF*)
      printf 'This machine does not reach the API server. Use a machine in its network, or in its authorized IP ranges.'
      ;;
    *) printf 'Correct the error above.' ;;
  esac
}

wrong_usage() {
  printf '%s\n\n%s\n' "$1" "$USAGE" >&2
  exit 2
}

# Runs in a condition, where bash ignores "set -e": each command needs its own error handling.
apply_to() {
  local id=$1 config="$folder/kubeconfig" chosen=$overlay base bindings
  : >"$folder/errors"
  rm -f "$config"
  az aks get-credentials --subscription "$(part "$id" 3)" --resource-group "$(part "$id" 5)" --name "$(part "$id" 9)" \
    --file "$config" --output none || return
  # With Microsoft Entra integration, kubectl would open a browser to sign in. This uses the sign-in of the Azure CLI.
  if command -v kubelogin >/dev/null 2>&1; then
    kubelogin convert-kubeconfig --login azurecli --kubeconfig "$config" || return
  fi
  local found
  found=$(to_cluster get namespace "$namespace" --ignore-not-found --output name) || return
  if [ -z "$found" ]; then
    to_cluster create namespace "$namespace" || return
  elif [ -z "$overlay" ]; then
    # Applying the base alone would remove the name of the overlay from the Service.
    chosen=$(to_cluster get service windows-exporter --namespace "$namespace" --ignore-not-found \
      --output 'jsonpath={.metadata.annotations.aks-windows-metrics/prometheus}') || return
    is_overlay "$chosen" || chosen=''
  fi
  base=$(kubectl kustomize "${chosen:+$OVERLAYS/}${chosen:-$BASE}" | sed "$in_namespace") || return
  bindings=$(kubectl kustomize "$BINDINGS" | sed "$in_namespace; $for_identity") || return
  printf '%s\n---\n%s\n' "$base" "$bindings" | to_cluster apply --filename - || return
}

to_cluster() {
  local code=0
  kubectl --kubeconfig "$folder/kubeconfig" --request-timeout 20s "$@" 2>"$folder/errors" || code=$?
  cat "$folder/errors" >&2
  return "$code"
}

# Prints the nth segment of a resource ID; the first is empty.
part() {
  printf '%s' "$1" | cut -d / -f "$2"
}

# Prints a text as a word of a shell: the names of resource groups can have parentheses.
quoted() {
  printf '%q' "$1"
}

print_commands() {
  local id=$1
  cat <<END
  az aks get-credentials --subscription $(part "$id" 3) --resource-group $(quoted "$(part "$id" 5)") --name $(part "$id" 9)
  kubectl get namespace $namespace || kubectl create namespace $namespace
  kubectl kustomize ${overlay:+$OVERLAYS/}${overlay:-$BASE} | sed '$in_namespace' | kubectl apply --filename -
  kubectl kustomize $BINDINGS | sed '$in_namespace; $for_identity' | kubectl apply --filename -

END
}

main "$@"
