@description('Name of the storage account.')
@minLength(3)
@maxLength(24)
param name string

@description('Region of the storage account.')
param location string

@description('Tags of the storage account.')
param tags { *: string }

@description('Names of the blob containers.')
param containerNames string[]

@description('Whether blob versioning is enabled.')
param keepsVersions bool

@description('Names of the containers whose blobs are deleted 30 days after their last modification.')
param expiringContainerNames string[]

@description('Whether the account denies access except from private endpoints, trusted Azure services and allowedIpRanges.')
param isPrivate bool

@description('Public IP addresses and CIDR ranges that can access a private account.')
param allowedIpRanges string[]

resource account 'Microsoft.Storage/storageAccounts@2026-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // With Disabled, Event Grid could not write dead-lettered events: the exception for trusted services belongs to the firewall.
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      // The storage firewall does not accept a range of a single address.
      ipRules: [for range in (isPrivate ? allowedIpRanges : []): { value: replace(range, '/32', ''), action: 'Allow' }]
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      isVersioningEnabled: keepsVersions
      deleteRetentionPolicy: { enabled: true, days: 30 }
      containerDeleteRetentionPolicy: { enabled: true, days: 30 }
    }

    resource containers 'containers' = [for containerName in containerNames: { name: containerName }]
  }

  resource lifecycle 'managementPolicies' = if (!empty(expiringContainerNames)) {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'expire'
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'], prefixMatch: map(expiringContainerNames, each => '${each}/') }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } } }
            }
          }
        ]
      }
    }
    dependsOn: [blobs]
  }
}

@description('Blob endpoint, with a trailing slash.')
output blobEndpoint string = account.properties.primaryEndpoints.blob
