@description('The name of the function app.')
param name string

@description('The name of its plan.')
param planName string

@description('The region of both.')
param location string

@description('The tags of both.')
param tags { *: string }

@description('The version of Node.js.')
param nodeVersion '22' | '24'

@description('The user-assigned identity that the app has.')
param identityId string

@description('The blob container that its code is deployed to.')
param deploymentContainerUrl string

@description('All its app settings.')
param settings { *: string }

@description('The function for which instances are kept ready.')
param alwaysReadyFunction string

@description('How many of them; with 0, events that find no instance may be lost.')
param alwaysReadyInstances int

@description('The subnet through which it reaches out; empty for none.')
param integrationSubnetId string

@description('The ranges from which its functions may be called, next to Event Grid; empty for any.')
param operatorIpRanges string[]

@description('The ranges from which its code may be deployed; empty for any.')
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
    // Event Grid cannot push into a private endpoint.
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

@description('Where the functions are called.')
output url string = 'https://${site.properties.defaultHostName}'
