internal import Glibc

/// The environment of this process.
package enum ProcessEnvironment {
  /// Every variable; of one that stands twice, the first. Left out are those that Kubernetes sets for
  /// every Service of the namespace: a Service called tally-gateway would be taken for a setting.
  package static func all() -> [String: String] {
    var variables: [String: String] = [:]
    var cursor = unsafe environ
    while let entry = unsafe cursor.pointee {
      let text = unsafe String(cString: entry)
      if let split = text.firstIndex(of: "=") {
        let name = String(text[..<split])
        if variables[name] == nil, !isServiceLink(name) {
          variables[name] = String(text[text.index(after: split)...])
        }
      }
      unsafe cursor += 1
    }
    return variables
  }

  private static func isServiceLink(_ name: String) -> Bool {
    name.hasPrefix("TALLY_")
      && (name.contains("_SERVICE_HOST") || name.contains("_SERVICE_PORT")
        || name.hasSuffix("_PORT") || name.contains("_PORT_"))
  }
}
