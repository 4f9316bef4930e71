package import Sealing

/// The gateway's API as an OpenAPI 3.1 document.
package enum APIDocument {
  package static var json: JSONValue {
    var paths: [JSONMember] = []
    for operation in APIOperations.all {
      let member = JSONMember(operation.method.rawValue, operation.json)
      if let index = paths.firstIndex(where: { $0.name == operation.path }) {
        guard case .object(let members) = paths[index].value else { continue }
        paths[index] = JSONMember(operation.path, .object(members + [member]))
      } else {
        paths.append(JSONMember(operation.path, .object([member])))
      }
    }
    return [
      "openapi": "3.1.0", "info": information, "paths": .object(paths),
      "components": [
        "schemas": APISchema.components,
        "securitySchemes": [
          "token": [
            "type": "http", "scheme": "bearer",
            "description": "A token of tally-gateway token new, with the scope that is named.",
          ]
        ],
      ],
    ]
  }

  private static var information: JSONValue {
    [
      "title": "tally-gateway", "version": "1",
      "description": .string(
        "Activations, reports and statements of installations, and what the vendor's staff ask. "
          + "Refusals are problem documents (RFC 9457) with a stable code; GET answers HEAD as well."
      ),
    ]
  }

  /// The document's bytes: it never changes while the program runs.
  static let bytes = json.serialized
}
