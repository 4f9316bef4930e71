internal import CivilTime
internal import Sealing

/// The text of `status`.
enum StatusText {
  static func text(_ json: JSONValue) -> String {
    var lines = ["installation  \(text(json, "installation"))"]
    lines.append("serve         \(json["serving"] == .bool(true) ? "runs" : "does not run")")
    lines.append("verdict       \(verdict(json["verdict"]))")
    lines.append("license       \(license(json["license"]))")
    lines.append("activation    \(activation(json["activation"]))")
    lines.append("keyset        \(json["keyset"]?.integer.map { String($0) } ?? "none")")
    if let counting = json["counting"] {
      lines.append(
        "counting      \(number(counting, "collectors")) collectors online, weight "
          + number(counting, "online"))
    }
    let ledger = json["ledger"] ?? .null
    lines.append(
      "ledger        \(number(ledger, "seq")) records, receipts through "
        + number(ledger, "receipted"))
    lines.append("receipt       \(receipt(json["receipt"]))")
    lines += reports(json["reports"])
    return lines.joined(separator: "\n")
  }

  private static func verdict(_ value: JSONValue?) -> String {
    guard let value else { return "unknown" }
    var lines = ["\(text(value, "verdict")), \(text(value, "code"))"]
    if case .array(let findings)? = value["findings"] {
      lines += findings.map { "              \(text($0, "code")): \(text($0, "message"))" }
    }
    return lines.joined(separator: "\n")
  }

  private static func license(_ value: JSONValue?) -> String {
    guard let value, value["jti"] != nil else { return "none" }
    let term = value["term"].map { ", \(text($0, "from")) to \(text($0, "through"))" } ?? ""
    return "\(text(value, "jti")), revision \(number(value, "revision")), "
      + "\(text(value, "edition"))\(term), \(text(value, "customer"))"
  }

  private static func activation(_ value: JSONValue?) -> String {
    guard let value, let at = value["at"]?.integer else { return "none" }
    return "\(text(value, "line")), \(UTC.text(at))"
  }

  private static func receipt(_ value: JSONValue?) -> String {
    guard let value, let at = value["at"]?.integer else { return "none" }
    let lease = value["lease_through"]?.integer.map { ", lease to \(UTC.text($0))" } ?? ""
    return "\(UTC.text(at)), record \(number(value, "seq"))\(lease)"
  }

  private static func reports(_ value: JSONValue?) -> [String] {
    guard case .array(let runs)? = value, !runs.isEmpty else { return ["reports       none yet"] }
    return ["reports"]
      + runs.map { run in
        "  \(UTC.text(run["at"]?.integer ?? 0))  \(text(run, "outcome"))  "
          + "\(number(run, "records")) records, by \(text(run, "origin"))"
      }
  }

  private static func text(_ value: JSONValue, _ name: String) -> String {
    value[name]?.string ?? "-"
  }

  private static func number(_ value: JSONValue, _ name: String) -> String {
    value[name]?.integer.map { String($0) } ?? "-"
  }
}
