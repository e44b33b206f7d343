"""From a description of an API (OpenAPI 3, Swagger 2) to a connector.yaml."""
