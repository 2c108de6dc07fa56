terraform {
  required_providers {
    azuread = {
      source  = "hashicorp/azuread"
      version = "3.7.0"
    }
  }
}

provider "azuread" {}

data "azuread_client_config" "current" {}

resource "azuread_application" "portal" {
  display_name            = "Portal"
  prevent_duplicate_names = true
  owners                  = [data.azuread_client_config.current.object_id]
  web {
    redirect_uris = ["https://portal.example.com/oauth2/idpresponse"]
  }
}

resource "azuread_service_principal" "portal" {
  client_id = azuread_application.portal.client_id
}

resource "azuread_application_password" "portal" {
  application_id = azuread_application.portal.id
  display_name   = "portal"
}
