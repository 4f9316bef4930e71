/// What is said of one thing, in each language.
///
/// What programs read takes ``english``, whatever the language of whoever asked.
package struct BilingualText: Sendable, Equatable {
  package let english: String
  package let chinese: String

  package init(_ english: String, _ chinese: String) {
    self.english = english
    self.chinese = chinese
  }

  package func text(in language: Language) -> String {
    language.say(english, chinese)
  }
}

extension Language {
  /// The one of two texts that is in this language.
  package func say(
    _ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String
  ) -> String {
    switch self {
    case .english: english()
    case .chinese: chinese()
    }
  }
}
