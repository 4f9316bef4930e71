internal import Metering

/// What makes a collector one collector: how DataKits are told apart, and where the name of whoever
/// pushes through a proxy is read.
///
/// A bill rests on it: ``text`` stands in every usage record.
package struct IdentityRules: Sendable, Hashable {
  /// What of a usage trace names a DataKit. `hostname` alone is the same by either way in; what is
  /// added to it stands in the trace only, so that with more a DataKit is counted by its trace and its
  /// pushes are only let through.
  package enum DataKit: String, Sendable, Hashable, CaseIterable {
    case hostname
    case hostnameAndAddress = "hostname+ip"
    case hostnameAndRun = "hostname+runtime_id"
  }

  package let dataKit: DataKit
  /// Where `/v1/admit` looks, in order: the first that is present wins.
  package let sources: [IdentitySource]

  private static let admitMark = ";admit:"
  private static let dataKitMark = "datakit:"
  /// What a usage record has room for.
  private static let longestText = 256
  private static let mostSources = 16

  /// DataKits by their host name, and nobody else.
  package static let standard = IdentityRules(.hostname, [.dataKitAgent])

  private init(_ dataKit: DataKit, _ sources: [IdentitySource]) {
    self.dataKit = dataKit
    self.sources = sources
  }

  /// Reads the two settings.
  /// - Parameters:
  ///   - sources: places with commas between them; nil for DataKits alone.
  ///   - dataKit: one of ``DataKit``; nil for the host name.
  /// - Throws: ``SettingFault`` naming what is wrong.
  package init(sources: String?, dataKit: String?) throws(SettingFault) {
    guard let kind = DataKit(rawValue: dataKit ?? DataKit.hostname.rawValue) else {
      throw SettingFault(
        "a DataKit is known by one of "
          + DataKit.allCases.map(\.rawValue).joined(separator: ", "))
    }
    var list: [IdentitySource] = []
    for item in sources?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
      let start = item.drop { $0 == " " }
      list.append(
        try IdentitySource(start.lastIndex { $0 != " " }.map { start[...$0] } ?? start))
    }
    self.init(kind, sources == nil ? [.dataKitAgent] : list)
    guard list.count <= Self.mostSources, Set(list.map(\.place)).count == list.count else {
      throw SettingFault("at most \(Self.mostSources) sources, each once")
    }
    guard text.utf8.count <= Self.longestText else {
      throw SettingFault(
        "the rule is longer than the \(Self.longestText) bytes that a usage record has room for")
    }
  }

  /// Reads ``text``.
  /// - Throws: ``SettingFault`` for what no version up to this one wrote.
  package init(text: String) throws(SettingFault) {
    guard text.hasPrefix(Self.dataKitMark) else {
      throw SettingFault("an identity rule begins with \(Self.dataKitMark)")
    }
    let rest = text.dropFirst(Self.dataKitMark.count)
    guard let mark = rest.firstRange(of: Self.admitMark) else {
      try self.init(sources: nil, dataKit: String(rest))
      return
    }
    try self.init(
      sources: String(rest[mark.upperBound...]), dataKit: String(rest[..<mark.lowerBound]))
  }

  /// The one spelling, as usage records have it: `datakit:hostname`, or with other places than the
  /// DataKit's User-Agent `datakit:hostname;admit:datakit-agent,basic-user`.
  package var text: String {
    let start = Self.dataKitMark + dataKit.rawValue
    guard sources != Self.standard.sources else { return start }
    return start + Self.admitMark + sources.map(\.text).joined(separator: ",")
  }

  /// What decides how collectors of a kind are named: where it is the same in two rules, so are they.
  private func part(of kind: String) -> String {
    let last = sources.lastIndex { $0.kind == kind }
    let places = last.map { sources[...$0].map(\.text).joined(separator: ",") } ?? ""
    return kind == CollectorIdentity.dataKit ? "\(dataKit.rawValue) \(places)" : places
  }

  /// The kinds of which a collector may have another name under the other rules.
  package func kindsNamedDifferently(under other: IdentityRules) -> Set<String> {
    let kinds = Set((sources + other.sources).map(\.kind)).union([CollectorIdentity.dataKit])
    return kinds.filter { part(of: $0) != other.part(of: $0) }
  }
}
