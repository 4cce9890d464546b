"""The HTTP interface under `/api/v1`: routes, schemas, errors. Source: docs/spec/08-http.md."""
