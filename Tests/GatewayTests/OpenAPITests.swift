import Gateway
import HTTPTypes
import Hummingbird
import Licensing
import Reporting
import Sealing
import Testing
import TestSupport

/// The document at `/openapi.json` says what the router does.
@Suite struct OpenAPITests {
  private struct Operation {
    let path: String
    let method: String
    let value: JSONValue

    var codes: Set<String> {
      var codes: Set<String> = []
      for response in members(value["responses"]) where response.name != "200" {
        let schema = response.value["content"]?["application/problem+json"]?["schema"]
        guard case .array(let parts)? = schema?["allOf"], parts.count == 2,
          case .array(let names)? = parts[1]["properties"]?["code"]?["enum"]
        else { continue }
        codes.formUnion(names.compactMap(\.string))
      }
      return codes
    }
  }

  private static func members(_ value: JSONValue?) -> [JSONMember] {
    guard case .object(let members)? = value else { return [] }
    return members
  }

  private static func operations() -> [Operation] {
    members(APIDocument.json["paths"]).flatMap { path in
      members(path.value).map {
        Operation(path: path.name, method: $0.name.uppercased(), value: $0.value)
      }
    }
  }

  /// A path with something in the place of each parameter.
  private static func uri(_ path: String, _ name: String) -> String {
    path.replacing("{thumbprint}", with: name).replacing("{date}", with: "2026-11-21")
      .replacing("{finding}", with: "fnd_7")
  }

  @Test func `the document has every route of the router, and no other`() async throws {
    try await TestSite.play { site in
      let router = GatewayRouter.build(site.gateway)
      let routes = Set(
        router.routes.map { route in
          "/"
            + route.path.description.split(separator: "/").map { part in
              part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part)
            }.joined(separator: "/")
        })
      #expect(Set(Self.operations().map(\.path)) == routes)
      #expect(routes.count == 32)
    }
  }

  @Test func `a path takes the methods of the document, and refuses every other`() async throws {
    try await TestSite.play { site in
      let name = try site.installation().thumbprint.text
      let operations = Self.operations()
      for path in Set(operations.map(\.path)) {
        let taken = Set(operations.filter { $0.path == path }.map(\.method))
        let uri = Self.uri(path, name)
        for text in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"] {
          let method = try #require(HTTPRequest.Method(text))
          let answer = try await site.send(method, uri)
          #expect((answer.status == 405) != taken.contains(text), "\(text) \(path)")
          if answer.status == 405 {
            let allowed = answer.headers[.allow].map {
              Set($0.split(separator: ", ").map(String.init))
            }
            #expect(allowed?.subtracting(["HEAD"]) == taken)
          }
        }
      }
    }
  }

  @Test func `what needs a token says so, and is refused without one`() async throws {
    try await TestSite.play { site in
      let name = try site.installation().thumbprint.text
      var guarded = 0
      for operation in Self.operations() {
        let uri = Self.uri(operation.path, name)
        let method = try #require(HTTPRequest.Method(operation.method))
        let answer = try await site.send(method, uri)
        let isGuarded = operation.value["security"] != .array([])
        #expect((answer.status == 401) == isGuarded, "\(operation.method) \(operation.path)")
        guard isGuarded else { continue }
        guarded += 1
        #expect(operation.codes.isSuperset(of: ["UNAUTHORIZED", "FORBIDDEN"]))
        // Each scope but the one that the document names is refused.
        guard case .array(let security)? = operation.value["security"],
          case .array(let scopes)? = security.first?["token"]
        else { throw TestInstallation.Missing() }
        for scope in TokenScope.allCases {
          let token = try await site.token([scope])
          let status = try await site.send(method, uri, token: token).status
          #expect((status == 403) != scopes.contains(.string(scope.rawValue)))
        }
      }
      #expect(guarded == 26)
    }
  }

  @Test func `every refusal has a status of its codes and a problem's schema`() throws {
    var codes: Set<String> = []
    for operation in Self.operations() {
      for response in Self.members(operation.value["responses"]) where response.name != "200" {
        let one = Operation(
          path: "", method: "", value: ["responses": .object([response])])
        #expect(!one.codes.isEmpty)
        for name in one.codes {
          let code = try #require(Problem.Code(rawValue: name))
          #expect(String(Problem(code, "").status) == response.name)
        }
        codes.formUnion(one.codes)
      }
      #expect(operation.codes.contains("INTERNAL"))
    }
    // What only a verifier answers, and what answers a method that the document does not have.
    let others = Set(Problem.Code.allCases.map(\.rawValue)).subtracting(codes)
    #expect(others == ["METHOD_NOT_ALLOWED", "OVER_LIMIT"])
  }

  @Test func `every name that is used is defined, and every operation has its own`() throws {
    let text = APIDocument.json.text
    let defined = Set(Self.members(APIDocument.json["components"]?["schemas"]).map(\.name))
    let used = Set(
      text.split(separator: "\"#/components/schemas/").dropFirst().compactMap {
        $0.split(separator: "\"").first.map(String.init)
      })
    #expect(used == defined)
    let ids = Self.operations().compactMap { $0.value["operationId"]?.string }
    #expect(Set(ids).count == ids.count && ids.count == 33)
    #expect(APIDocument.json["openapi"] == "3.1.0")
  }

  @Test func `it is served as JSON to everyone`() async throws {
    try await TestSite.play { site in
      let answer = try await site.send(.get, "/openapi.json")
      #expect(answer.status == 200 && answer.headers[.contentType] == "application/json")
      #expect(answer.json == APIDocument.json)
    }
  }
}
