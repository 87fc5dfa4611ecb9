// Parameters for deploy.sh, azd and deploy.yml. Each value comes from an environment variable, listed in docs/deploy.md.
// If a required variable is missing, the error of the Bicep CLI names it.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')

var resourceGroup = readEnvironmentVariable('AZURE_RESOURCE_GROUP', '')
param resourceGroupName = empty(resourceGroup) ? 'rg-${readEnvironmentVariable('AZURE_ENV_NAME')}' : resourceGroup

// A JSON array: the output of infra/operate/clusters.ts.
param clusters = json(readEnvironmentVariable('AKS_CLUSTERS'))

param mode = readEnvironmentVariable('MODE', 'observe')
param appSettings = json(readEnvironmentVariable('APP_SETTINGS', '{}'))

// The second stage: deploy.sh and azd's postdeploy hook set it for one deployment, after they have published the code.
param deployEventSubscriptions = bool(readEnvironmentVariable('DEPLOY_EVENT_SUBSCRIPTIONS', 'false'))

param assignRoles = bool(readEnvironmentVariable('ASSIGN_ROLES', 'true'))
param allowUninstall = bool(readEnvironmentVariable('ALLOW_UNINSTALL', 'false'))

// Not NODE_VERSION, which container images with Node.js set to a full version.
param nodeVersion = readEnvironmentVariable('FUNCTION_NODE_VERSION', '24')
param alwaysReadyInstances = int(readEnvironmentVariable('ALWAYS_READY_INSTANCES', '1'))

param integrationSubnetId = readEnvironmentVariable('INTEGRATION_SUBNET_ID', '')
param privateEndpointSubnetId = readEnvironmentVariable('PRIVATE_ENDPOINT_SUBNET_ID', '')
param blobPrivateDnsZoneId = readEnvironmentVariable('BLOB_PRIVATE_DNS_ZONE_ID', '')

// Comma-separated CIDR ranges.
var operators = replace(readEnvironmentVariable('OPERATOR_IP_RANGES', ''), ' ', '')
var deployers = replace(readEnvironmentVariable('DEPLOYMENT_IP_RANGES', operators), ' ', '')
param operatorIpRanges = empty(operators) ? [] : split(operators, ',')
param deploymentIpRanges = empty(deployers) ? [] : split(deployers, ',')

param actionGroupId = readEnvironmentVariable('ACTION_GROUP_ID', '')

param azureMonitorWorkspaceId = readEnvironmentVariable('AZURE_MONITOR_WORKSPACE_ID', '')
param azureMonitorWorkspaceLocation = readEnvironmentVariable('AZURE_MONITOR_WORKSPACE_LOCATION', readEnvironmentVariable('AZURE_LOCATION'))
// Comma-separated names of the files in monitoring/rules.
param prometheusRules = split(replace(readEnvironmentVariable('PROMETHEUS_RULES', 'containers,coverage,nodes,records'), ' ', ''), ',')

param tags = json(readEnvironmentVariable('TAGS', '{}'))
