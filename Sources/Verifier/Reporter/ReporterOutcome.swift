package import Sealing

/// How an attempt ended, for people and for `status`.
package struct ReporterOutcome: Sendable, Equatable {
  package var code: String
  package var detail: String

  /// Outcomes that no problem document names.
  package enum Known: String, Sendable {
    case receipted = "RECEIPTED"
    case activated = "ACTIVATED"
    case replaced = "REPLACED"
    case offline = "OFFLINE"
    /// A bundle was made, to be carried by hand.
    case exported = "EXPORTED"
    case noLicense = "NO_LICENSE"
    case unreachable = "GATEWAY_UNREACHABLE"
    case unusable = "GATEWAY_ANSWER_UNUSABLE"
    case noGateway = "NO_GATEWAY"
    case storeFull = "STORE_FULL"

    var detail: String {
      switch self {
      case .receipted: "everything has a receipt"
      case .activated: "activated"
      case .replaced: "another installation has taken this one's place"
      case .offline: "the license reports nothing by network"
      case .exported: "a bundle was written"
      case .noLicense: "no license is installed"
      case .unreachable, .unusable, .noGateway, .storeFull: ""
      }
    }
  }

  package init(_ known: Known, _ detail: String? = nil) {
    code = known.rawValue
    self.detail = detail ?? known.detail
  }

  package init(code: String, detail: String) {
    self.code = code
    self.detail = detail
  }

  package var json: JSONValue {
    ["outcome": .string(code), "detail": .string(detail)]
  }
}
