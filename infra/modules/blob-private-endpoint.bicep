@description('Name of the private endpoint.')
param name string

@description('Region of the subnet.')
param location string

@description('Tags of the private endpoint.')
param tags { *: string }

@description('Resource ID of the storage account.')
param storageAccountId string

@description('Resource ID of the subnet of the private endpoint.')
param subnetId string

@description('Resource ID of the private DNS zone for blob storage.')
param privateDnsZoneId string

resource endpoint 'Microsoft.Network/privateEndpoints@2026-03-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: 'blob'
        properties: { privateLinkServiceId: storageAccountId, groupIds: ['blob'] }
      }
    ]
  }

  resource zoneGroup 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [{ name: 'blob', properties: { privateDnsZoneId: privateDnsZoneId } }]
    }
  }
}
