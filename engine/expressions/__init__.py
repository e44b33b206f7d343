"""The languages inside attribute values: XPath, JSONPath, {dynamic} values, URI templates."""
