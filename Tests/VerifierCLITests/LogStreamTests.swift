import Logging
import Synchronization
import Terminal
import Testing

/// What daemons log is one line an event, and steers no terminal.
@Suite struct LogStreamTests {
  /// A logger whose lines are kept.
  final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    let threshold = LogThreshold(.info)

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
      Logger(label: "tally-test") { label in
        LogStream(label: label, threshold: self.threshold) { line in
          self.lines.withLock { $0.append(line) }
        }
      }
    }
  }

  @Test func `an event is a line with its facts in order`() throws {
    let lines = Lines()
    lines.logger.warning("it happened", metadata: ["b": "2", "a": "1"])
    let line = try #require(lines.all.first)
    #expect(line.hasSuffix(" warning tally-test: a=1 b=2 it happened"), "\(line)")
    #expect(line.prefix(20).hasSuffix("Z"), "\(line)")
  }

  @Test func `a fact of several words stands in quotation marks`() throws {
    let lines = Lines()
    let facts: Logger.Metadata = [
      "a": "one", "b": "two words", "c": "", "d": "say \"no\"", "e": "x=y",
    ]
    lines.logger.warning("it happened", metadata: facts)
    let line = try #require(lines.all.first)
    #expect(
      line.hasSuffix(
        " tally-test: a=one b=\"two words\" c=\"\" d=\"say \\\"no\\\"\" e=\"x=y\" it happened"),
      "\(line)")
  }

  @Test(arguments: ["\u{1B}[2J", "a\nb", "a\r", "\u{202E}txt", "\u{7}", "\u{9B}0m"])
  func `what steers a terminal is shown and not done`(text: String) throws {
    let lines = Lines()
    lines.logger.error("name \(text)", metadata: ["name": "\(text)"])
    let line = try #require(lines.all.first)
    #expect(line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    #expect(line.contains("\\u{"), "\(line)")
    #expect(lines.all.count == 1)
  }

  @Test func `the threshold holds for every logger without a level of its own`() {
    let lines = Lines()
    let logger = lines.logger
    var quiet = logger
    quiet.logLevel = .critical
    logger.debug("1")
    lines.threshold.use(.debug)
    logger.debug("2")
    quiet.error("3")
    lines.threshold.use(.error)
    logger.warning("4")
    quiet.critical("5")
    #expect(lines.all.map { $0.suffix(1) } == ["2", "5"])
    #expect(quiet.logLevel == .critical && logger.logLevel == .error)
  }
}
