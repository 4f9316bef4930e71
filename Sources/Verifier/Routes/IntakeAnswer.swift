internal import HTTPTypes
internal import Hummingbird
internal import Sealing
internal import Serving

/// What `/v1/admit` answers: 204, or 403 with the reason in the header `Tally-Reason`. Made once.
enum IntakeAnswer {
  /// Why a push is not let through.
  enum Reason: String, CaseIterable {
    /// The license's limit leaves no room.
    case overLimit = "OVER_LIMIT"
    /// The license has its verdict enforced at the intake, and it denies.
    case denied = "DENIED"
    /// It names no collector, and the settings ask for a name.
    case unidentified = "UNIDENTIFIED"
    /// It cannot be judged, and the settings let nothing through that cannot.
    case inDoubt = "IN_DOUBT"
  }

  static let admitted = Response(status: .noContent)
  static let overLimit = refused(.overLimit)
  static let denied = refused(.denied)
  static let unidentified = refused(.unidentified)
  static let inDoubt = refused(.inDoubt)

  private static func refused(_ reason: Reason) -> Response {
    // A DataKit understands this one as "beyond its usage", and drops the data of any other.
    let code =
      switch reason {
      case .overLimit, .denied: "kodo.beyondDataUsage"
      case .unidentified: "tally.unidentified"
      case .inDoubt: "tally.inDoubt"
      }
    var response = Response(json: ["error_code": .string(code)], status: .forbidden)
    if let name = HTTPField.Name("Tally-Reason") { response.headers[name] = reason.rawValue }
    return response
  }
}
