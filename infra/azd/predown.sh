#!/bin/sh
# azd hook predown: rejects `azd down`, which deletes every resource group that contains a resource of the deployment
# (Azure/azure-dev#2916). The system topics are in the resource groups of the clusters.
cat >&2 <<'END'
azd down would delete the resource groups of your clusters, because they contain Event Grid system topics of the
deployment. Nothing was deleted. To remove only the deployment, run the commands in docs/deploy.md, "Remove it".
END
exit 1
