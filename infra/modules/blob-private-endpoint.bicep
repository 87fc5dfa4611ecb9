@description('The name of the private endpoint.')
param name string

@description('The region of the subnet.')
param location string

@description('Its tags.')
param tags { *: string }

@description('The storage account.')
param storageAccountId string

@description('The subnet that it gets an address in.')
param subnetId string

@description('The private DNS zone of blob storage.')
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
