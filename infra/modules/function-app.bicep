@description('Name of the function app.')
param name string

@description('Name of its plan.')
param planName string

@description('Region of the function app and its plan.')
param location string

@description('Tags of the function app and its plan.')
param tags { *: string }

@description('Node.js version.')
param nodeVersion '22' | '24'

@description('Resource ID of the app\'s user-assigned identity.')
param identityId string

@description('URL of the blob container for the deployment package.')
param deploymentContainerUrl string

@description('All app settings.')
param settings { *: string }

@description('Name of the function with always-ready instances.')
param alwaysReadyFunction string

@description('Number of always-ready instances. With 0, events can be lost while no instance is running.')
param alwaysReadyInstances int

@description('Resource ID of the subnet for virtual network integration. Empty for none.')
param integrationSubnetId string

@description('CIDR ranges that can call the functions, in addition to Event Grid. Empty for any.')
param operatorIpRanges string[]

@description('CIDR ranges that can deploy the code. Empty for any.')
param deploymentIpRanges string[]

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: { ...tags, 'azd-service-name': 'api' }
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // Event Grid cannot deliver events to a private endpoint.
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(integrationSubnetId) ? null : integrationSubnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      ipSecurityRestrictionsDefaultAction: empty(operatorIpRanges) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: concat(
        empty(operatorIpRanges)
          ? []
          : [{ name: 'event-grid', priority: 100, action: 'Allow', tag: 'ServiceTag', ipAddress: 'AzureEventGrid' }],
        map(operatorIpRanges, (range, i) => {
          name: 'operators-${i}'
          priority: 200 + i
          action: 'Allow'
          ipAddress: range
        })
      )
      scmIpSecurityRestrictionsUseMain: false
      scmIpSecurityRestrictionsDefaultAction: empty(deploymentIpRanges) ? 'Allow' : 'Deny'
      scmIpSecurityRestrictions: map(deploymentIpRanges, (range, i) => {
        name: 'deployment-${i}'
        priority: 200 + i
        action: 'Allow'
        ipAddress: range
      })
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: 40
        alwaysReady: alwaysReadyInstances == 0
          ? []
          : [{ name: 'function:${alwaysReadyFunction}', instanceCount: alwaysReadyInstances }]
      }
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: settings
  }

  resource ftpCredentials 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scmCredentials 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

@description('Base URL of the functions.')
output url string = 'https://${site.properties.defaultHostName}'
