#!/bin/sh
# azd's hook of this name: refuses. `azd down` deletes every resource group that holds something of the deployment
# (Azure/azure-dev#2916), and the topics are in the groups of the clusters: it would delete the clusters.
cat >&2 <<'END'
azd down is refused: it would delete the resource groups of your clusters, as Event Grid topics of the deployment are
there. docs/deploy.md, "Remove it", has the commands that delete what was deployed and nothing else.
END
exit 1
