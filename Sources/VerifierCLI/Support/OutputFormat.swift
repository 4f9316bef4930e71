internal import ArgumentParser
internal import Sealing
internal import Terminal

/// How data is written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json

  /// Writes data for whoever asked.
  func write(_ json: JSONValue, text: (JSONValue) -> String) {
    switch self {
    case .json: Output.data(json)
    case .text: Output.data(text(json))
    }
  }
}
