// What deploy.sh, azd and deploy.yml deploy with. Every value comes from a variable; docs/deploy.md has them in a
// table. One that is required and missing is named in the CLI's error.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')

var resourceGroup = readEnvironmentVariable('AZURE_RESOURCE_GROUP', '')
param resourceGroupName = empty(resourceGroup) ? 'rg-${readEnvironmentVariable('AZURE_ENV_NAME')}' : resourceGroup

// A JSON array, as infra/operate/clusters.ts prints it from the clusters' ids.
param clusters = json(readEnvironmentVariable('AKS_CLUSTERS'))

param mode = readEnvironmentVariable('MODE', 'observe')
param appSettings = json(readEnvironmentVariable('APP_SETTINGS', '{}'))

// The second stage: deploy.sh and azd's postdeploy hook set it for one call, once the function is published.
param deployEventSubscriptions = bool(readEnvironmentVariable('DEPLOY_EVENT_SUBSCRIPTIONS', 'false'))

param assignRoles = bool(readEnvironmentVariable('ASSIGN_ROLES', 'true'))

// Not NODE_VERSION: images with Node.js have that one set, to a longer version.
param nodeVersion = readEnvironmentVariable('FUNCTION_NODE_VERSION', '24')
param alwaysReadyInstances = int(readEnvironmentVariable('ALWAYS_READY_INSTANCES', '1'))

param integrationSubnetId = readEnvironmentVariable('INTEGRATION_SUBNET_ID', '')
param privateEndpointSubnetId = readEnvironmentVariable('PRIVATE_ENDPOINT_SUBNET_ID', '')
param blobPrivateDnsZoneId = readEnvironmentVariable('BLOB_PRIVATE_DNS_ZONE_ID', '')

// Ranges with commas between them.
var operators = replace(readEnvironmentVariable('OPERATOR_IP_RANGES', ''), ' ', '')
var deployers = replace(readEnvironmentVariable('DEPLOYMENT_IP_RANGES', operators), ' ', '')
param operatorIpRanges = empty(operators) ? [] : split(operators, ',')
param deploymentIpRanges = empty(deployers) ? [] : split(deployers, ',')

param actionGroupId = readEnvironmentVariable('ACTION_GROUP_ID', '')
param tags = json(readEnvironmentVariable('TAGS', '{}'))
