@description('The name of the storage account.')
@minLength(3)
@maxLength(24)
param name string

@description('Its region.')
param location string

@description('Its tags.')
param tags { *: string }

@description('The names of its blob containers.')
param containerNames string[]

@description('Whether every blob keeps its earlier versions.')
param keepsVersions bool

@description('The containers whose blobs are deleted 30 days after their last change.')
param expiringContainerNames string[]

@description('Whether only private endpoints, the addresses below and trusted Azure services get in.')
param isPrivate bool

@description('Public addresses and ranges that get in all the same.')
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
    // Not Disabled: Event Grid writes dead letters as a trusted service, which only the firewall lets in.
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      // The storage firewall refuses a range of a single address.
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

@description('Where its blobs are, with a slash at the end.')
output blobEndpoint string = account.properties.primaryEndpoints.blob
