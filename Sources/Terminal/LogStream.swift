internal import CivilTime
internal import Glibc
package import Logging
internal import Platform
internal import Synchronization

/// How much a program says, changed for all of its loggers at once.
package final class LogThreshold: Sendable {
  private let level: Mutex<Logger.Level>

  package init(_ level: Logger.Level) {
    self.level = Mutex(level)
  }

  package var current: Logger.Level { level.withLock { $0 } }

  package func use(_ new: Logger.Level) {
    level.withLock { $0 = new }
  }
}

/// Logs to standard error, an event a line: time, level, program, facts, message. A fact of several words
/// stands in quotation marks. What could steer a terminal is replaced: messages quote names
/// and refused bytes that come from files and the network.
package struct LogStream: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?
  package var logLevel: Logger.Level {
    get { own ?? threshold.current }
    set { own = newValue }
  }

  private let label: String
  private let threshold: LogThreshold
  private let write: @Sendable (String) -> Void
  private var own: Logger.Level?

  /// - Parameters:
  ///   - label: the program's name.
  ///   - threshold: how much is said where a logger has no level of its own.
  ///   - write: takes each line, without its end.
  package init(
    label: String, threshold: LogThreshold,
    write: @escaping @Sendable (String) -> Void = { _ = Output.write($0 + "\n", to: STDERR_FILENO) }
  ) {
    self.label = label
    self.threshold = threshold
    self.write = write
  }

  /// A logger of a program.
  package static func logger(_ label: String, _ threshold: LogThreshold) -> Logger {
    Logger(label: label) { LogStream(label: $0, threshold: threshold) }
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var facts = metadata
    if let metadataProvider { facts.merge(metadataProvider.get()) { _, new in new } }
    if let own = event.metadata { facts.merge(own) { _, new in new } }
    let pairs = facts.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.word($0.value))" }
      .joined()
    let time = (try? SystemClock().now()).map { UTC.text($0) } ?? "-"
    write(Printable.line("\(time) \(event.level) \(label):\(pairs) \(event.message)"))
  }

  /// The value of a fact as one word.
  private static func word(_ value: Logger.Metadata.Value) -> String {
    let text = "\(value)"
    let parts: [Character] = [" ", "\"", "="]
    guard text.isEmpty || text.contains(where: { parts.contains($0) || $0.isWhitespace }) else {
      return text
    }
    let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    return "\"\(escaped)\""
  }
}
