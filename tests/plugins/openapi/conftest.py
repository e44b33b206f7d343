"""Descriptions of small APIs in three styles."""

from __future__ import annotations

from pathlib import Path

import pytest

FLEET = """
openapi: 3.0.3
info: {title: Fleet, version: "1"}
externalDocs: {url: "https://docs.example.com"}
servers: [{url: "https://{region}.api.example.com/v1/", variables: {region: {default: eu}}}]
security: [{key: []}, {token: []}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    token:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: "https://auth.example.com/t", scopes: {read: R, write: W}}}
  parameters:
    carId: {name: carId, in: path, required: true, schema: {type: integer, minimum: 1}, description: The car.}
  schemas:
    Base: {type: object, required: [name], properties: {name: {type: string, maxLength: 20}}}
    Car:
      allOf:
        - $ref: '#/components/schemas/Base'
        - type: object
          properties:
            id: {type: integer, readOnly: true}
            seats: {type: integer, minimum: 1, maximum: 9, default: 4}
            kind: {type: string, enum: [van, bus], nullable: true}
            built: {type: string, format: date-time}
            owner: {$ref: '#/components/schemas/Owner'}
            tags: {type: array, items: {type: string}}
    Owner: {type: object, required: [mail], properties: {mail: {type: string, format: email}}}
paths:
  /cars:
    get:
      operationId: cars.list
      summary: List cars.
      description: "<p>All of them.</p>"
      parameters:
        - {name: "filter[kind]", in: query, schema: {type: string, enum: [van, bus]}}
        - {name: ids, in: query, schema: {type: array, items: {type: string}}}
        - {name: fields, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: X-Trace, in: header, schema: {type: string}}
        - {name: Accept, in: header, schema: {type: string}}
        - {name: session, in: cookie, schema: {type: string}}
      responses:
        '200':
          description: Cars.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Car'}}}}
    post:
      summary: Add a car.
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Car'}}}
      responses:
        '201': {description: Made., content: {application/json: {schema: {$ref: '#/components/schemas/Car'}}}}
  /cars/{carId}:
    parameters: [{$ref: '#/components/parameters/carId'}]
    get:
      operationId: getCar
      responses:
        '200': {description: A car., content: {application/json: {schema: {$ref: '#/components/schemas/Car'}}}}
    delete:
      operationId: get-car
      security: []
      responses: {'204': {description: Gone.}}
  /cars/{carId}/photo:
    post:
      operationId: addPhoto
      parameters: [{$ref: '#/components/parameters/carId'}]
      requestBody: {content: {multipart/form-data: {schema: {type: object}}}}
      responses: {'204': {description: Kept.}}
  /import:
    post:
      operationId: import
      requestBody: {content: {application/json: {schema: {type: array, items: {type: object}}}}}
      responses: {'202': {description: Taken.}}
  /note:
    put:
      operationId: note
      requestBody: {required: true, content: {text/plain: {schema: {type: string}}}}
      responses: {default: {description: Fine.}}
"""

SHOP = """
{"swagger": "2.0", "info": {"title": "Shop", "version": "1"}, "host": "shop.example.com", "basePath": "/v2",
 "schemes": ["http", "https"], "securityDefinitions": {"me": {"type": "basic"}}, "security": [{"me": []}],
 "definitions": {"Order": {"type": "object", "properties": {"item": {"type": "string"}, "n": {"type": "integer"}}}},
 "paths": {
  "/orders/{id}": {"get": {"operationId": "order", "parameters": [
      {"name": "id", "in": "path", "type": "string", "required": true},
      {"name": "with", "in": "query", "type": "array", "items": {"type": "string", "enum": ["a", "b"]},
       "collectionFormat": "multi"},
      {"name": "sort", "in": "query", "type": "array", "items": {"type": "string"}}],
     "produces": ["application/xml", "application/json"],
     "responses": {"200": {"description": "An order.", "schema": {"$ref": "#/definitions/Order"}}}}},
  "/orders": {"post": {"operationId": "init", "parameters": [
      {"name": "order", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Order"}}],
     "responses": {"201": {"description": "Made.", "schema": {"$ref": "Order"}}}}},
  "/login": {"post": {"operationId": "login", "security": [{}], "consumes": ["application/x-www-form-urlencoded"],
     "parameters": [{"name": "user name", "in": "formData", "type": "string", "required": true},
                    {"name": "pass", "in": "formData", "type": "string", "format": "password"}],
     "responses": {"200": {"description": "In."}}}},
  "/upload": {"post": {"operationId": "upload", "parameters": [{"name": "f", "in": "formData", "type": "file"}],
     "responses": {"200": {"description": "Up."}}}}}}
"""

BARE = """
openapi: 3.1.0
info: {title: Bare}
paths:
  /a/{x}:{y}/b:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: [string, "null"]}}}}}}
"""


WIDE = """
openapi: 3.1.0
info: {title: Wide}
servers: [{url: "http://wide.example.com"}]
webhooks: {sold: {post: {responses: {"200": {description: ok}}}}}
paths:
  /cars:
    get:
      operationId: list
      parameters:
        - {name: ids, in: query, schema: {type: array, items: {type: integer}}}
        - {name: spaces, in: query, style: spaceDelimited, explode: false, schema: {type: array, items: {type: string}}}
        - {name: pipes, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: number}}}
        - {name: deep, in: query, style: deepObject, schema: {type: object, properties: {a: {type: string}}}}
        - {name: flat, in: query, schema: {type: object, properties: {b: {type: string}}}}
        - {name: raw, in: query, content: {application/json: {schema: {type: object}}}}
      responses: {"200": {description: ok}}
    patch:
      operationId: patch
      requestBody:
        content:
          application/merge-patch+json:
            schema: {type: object, properties: {seats: {type: integer}}, additionalProperties: true}
      responses: {"200": {description: ok}}
  /photo:
    post:
      operationId: photo
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties:
                file: {type: string, format: binary}
                caption: {type: string}
                sizes: {type: array, items: {type: integer}}
      responses: {"204": {description: ok}}
  /bytes:
    put:
      operationId: bytes
      requestBody: {content: {application/octet-stream: {}}}
      responses: {"204": {description: ok}}
  /xml:
    put:
      operationId: xml
      requestBody: {content: {application/xml: {schema: {type: object, properties: {a: {type: string}}}}}}
      responses: {"204": {description: ok}}
  /matrix/{ids}:
    get:
      operationId: matrix
      parameters: [{name: ids, in: path, required: true, style: matrix, schema: {type: array, items: {type: string}}}]
      responses: {"200": {description: ok}}
"""


@pytest.fixture
def documents(tmp_path: Path) -> dict[str, Path]:
    files = {"shop": tmp_path / "shop.json"} | {name: tmp_path / f"{name}.yaml" for name in ("fleet", "bare", "wide")}
    for name, text in (("fleet", FLEET), ("shop", SHOP), ("bare", BARE), ("wide", WIDE)):
        files[name].write_text(text.lstrip())
    return files
