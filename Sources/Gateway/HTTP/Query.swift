internal import Hummingbird
internal import Reporting

/// The parameters of a request's query, read strictly: each once, and none that the path does not know.
struct Query {
  private let values: [String: String]

  /// - Throws: ``Problem`` `MALFORMED`.
  init(_ request: Request, allowing names: Set<String>) throws(Problem) {
    var values: [String: String] = [:]
    for (key, value) in request.uri.queryParameters {
      let name = String(key)
      guard names.contains(name) else {
        throw Problem(
          .malformed,
          "unknown query parameter \(name.prefix(64)); this path knows "
            + names.sorted().joined(separator: ", "))
      }
      guard values.updateValue(String(value), forKey: name) == nil else {
        throw Problem(.malformed, "query parameter \(name) stands twice")
      }
    }
    self.values = values
  }

  subscript(name: String) -> String? { values[name] }

  /// A parameter of a form of its own, nil where it is not given.
  func parsed<Value>(
    _ name: String, _ form: String, _ parse: (String) -> Value?
  ) throws(Problem) -> Value? {
    guard let text = values[name] else { return nil }
    guard let value = parse(text) else {
      throw Problem(.malformed, "query parameter \(name) must be \(form)")
    }
    return value
  }
}
