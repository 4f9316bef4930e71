internal import Reporting
internal import Sealing

/// One path and method of the gateway, as the OpenAPI document tells of it.
struct APIOperation {
  enum Method: String {
    case get
    case post
    case put
  }

  struct Parameter {
    enum Place: String {
      case path
      case query
    }

    let name: String
    let place: Place
    let isRequired: Bool
    let summary: String
    let schema: JSONValue

    init(
      _ name: String, in place: Place = .query, required: Bool = false, _ summary: String,
      _ schema: JSONValue
    ) {
      self.name = name
      self.place = place
      isRequired = required || place == .path
      self.summary = summary
      self.schema = schema
    }
  }

  /// A JSON body, and the most bytes that are read of it.
  struct Body {
    let schema: JSONValue
    let limit: Int
  }

  /// Who may ask.
  enum Asker: Equatable {
    /// Whoever has a token of the scope.
    case token(TokenScope)
    /// An installation, by what it sealed.
    case installation
    /// Everyone.
    case everyone
    /// Programs of this machine, and monitors that a setting lists.
    case monitors
  }

  let method: Method
  /// With parameters in braces.
  let path: String
  let id: String
  let summary: String
  let asker: Asker
  var parameters: [Parameter] = []
  var body: Body?
  /// What 200 answers, by media type.
  var answers: [(type: String, schema: JSONValue)]
  /// The codes of its refusals, besides those that every path has.
  var codes: [Problem.Code]

  init(
    _ method: Method, _ path: String, _ id: String, _ summary: String, by asker: Asker,
    parameters: [Parameter] = [], body: Body? = nil, answers: [(type: String, schema: JSONValue)],
    codes: [Problem.Code] = []
  ) {
    self.method = method
    self.path = path
    self.id = id
    self.summary = summary
    self.asker = asker
    self.parameters = parameters
    self.body = body
    self.answers = answers
    self.codes = codes
  }

  /// Every code that it may refuse with.
  var everyCode: [Problem.Code] {
    var all = Set(codes).union([.internalFault])
    switch asker {
    case .token: all.formUnion([.unauthorized, .forbidden])
    case .installation, .everyone: break
    case .monitors: all.insert(.forbidden)
    }
    if path != "/healthz" && asker != .monitors { all.insert(.rateLimited) }
    if asker != .everyone && asker != .monitors { all.insert(.storeUnavailable) }
    if body != nil { all.formUnion([.malformed, .tooLarge, .requestTimeout]) }
    if !parameters.isEmpty { all.insert(.malformed) }
    return Problem.Code.allCases.filter { all.contains($0) }
  }
}

extension APIOperation {
  var json: JSONValue {
    var members = [
      JSONMember("operationId", .string(id)), JSONMember("summary", .string(summary)),
      JSONMember("security", security),
    ]
    if !parameters.isEmpty {
      members.append(JSONMember("parameters", .array(parameters.map(\.json))))
    }
    if let body { members.append(JSONMember("requestBody", body.json)) }
    members.append(JSONMember("responses", responses))
    return .object(members)
  }

  private var security: JSONValue {
    guard case .token(let scope) = asker else { return [] }
    return [["token": [.string(scope.rawValue)]]]
  }

  private var responses: JSONValue {
    let content = answers.map { JSONMember($0.type, ["schema": $0.schema]) }
    var responses = [
      JSONMember("200", ["description": "Done.", "content": .object(content)])
    ]
    let statuses = Dictionary(grouping: everyCode) { Problem($0, "").status }
    for (status, codes) in statuses.sorted(by: { $0.key < $1.key }) {
      responses.append(JSONMember(String(status), Self.refusal(codes, status)))
    }
    return .object(responses)
  }

  private static func refusal(_ codes: [Problem.Code], _ status: Int) -> JSONValue {
    let names = codes.map { JSONValue.string($0.rawValue) }
    let schema: JSONValue = [
      "allOf": [
        ["$ref": "#/components/schemas/Problem"],
        ["properties": ["code": ["enum": .array(names)]]],
      ]
    ]
    var members = [
      JSONMember("description", .string(codes.map(\.rawValue).joined(separator: ", "))),
      JSONMember("content", ["application/problem+json": ["schema": schema]]),
    ]
    switch status {
    case 401: members.append(JSONMember("headers", header("WWW-Authenticate", ["type": "string"])))
    case 429:
      members.append(JSONMember("headers", header("Retry-After", ["type": "string"])))
    default: break
    }
    return .object(members)
  }

  private static func header(_ name: String, _ schema: JSONValue) -> JSONValue {
    .object([JSONMember(name, ["required": true, "schema": schema])])
  }
}

extension APIOperation.Parameter {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "in": .string(place.rawValue), "required": .bool(isRequired),
      "description": .string(summary), "schema": schema,
    ]
  }
}

extension APIOperation.Body {
  fileprivate var json: JSONValue {
    [
      "required": true, "description": .string("At most \(limit) bytes."),
      "content": ["application/json": ["schema": schema]],
    ]
  }
}
