package import Licensing

/// Rows of a label and what stands beside it, in the language of this process.
package struct TextRow: Sendable {
  private let width: Int
  private let language: Language

  /// - Parameter width: columns of the label and the space behind it.
  package init(width: Int, in language: Language = .spoken) {
    self.width = width
    self.language = language
  }

  /// A row whose value is the same in every language.
  package func text(_ english: String, _ chinese: String, _ value: String) -> String {
    TextWidth.padded(say(english, chinese), to: width) + value
  }

  /// A row whose value is text.
  package func text(
    _ english: String, _ chinese: String, _ value: @autoclosure () -> String,
    _ chineseValue: @autoclosure () -> String
  ) -> String {
    text(english, chinese, say(value(), chineseValue()))
  }

  /// What follows the row before, under its value.
  package func more(_ english: String, _ chinese: String) -> String {
    text("", "", english, chinese)
  }

  package func say(
    _ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String
  ) -> String {
    language.say(english(), chinese())
  }
}
