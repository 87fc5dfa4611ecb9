# azd hook predown on Windows: rejects `azd down`, which deletes every resource group that contains a resource of the
# deployment (Azure/azure-dev#2916). The system topics are in the resource groups of the clusters.
$text = @(
  'azd down would delete the resource groups of your clusters, because they contain Event Grid system topics of the'
  'deployment. Nothing was deleted. To remove only the deployment, run the commands in docs/deploy.md, "Remove it".'
)
[Console]::Error.WriteLine($text -join [Environment]::NewLine)
exit 1
