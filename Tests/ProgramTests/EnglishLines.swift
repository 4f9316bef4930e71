import Foundation

/// English left in a text that is to be Chinese.
enum EnglishLines {
  /// Two words that belong together and are names: of a customer, a product, an algorithm.
  private static let names = ["ACME Ltd", "Other Ltd"]

  /// The lines in which two or more English words stand side by side, with one space between them as in
  /// a sentence; columns of a table have more. A command in quotation marks, what stands in the brackets of
  /// Chinese, which quote what a fault said, and names are no sentences.
  static func of(_ text: String, given: [String] = []) -> [String] {
    text.split(separator: "\n").map(String.init).filter { line in
      var rest = line
      // What is given may hold a name, or another that is given.
      let longest = given.sorted { $0.utf8.count > $1.utf8.count }
      for name in longest + names { rest = rest.replacing(name, with: "…") }
      rest = rest.replacing(/（[^）]*）/, with: "…").replacing(/"[^"]*"/, with: "…")
      rest = rest.replacing(/\btally(-verifier|-gateway)?( +[a-z-]+)+/, with: "…")
      return rest.contains(/(^|[^A-Za-z0-9_.\/=-])[A-Za-z][a-z]+[,;:.]? [A-Za-z]?[a-z]+\b/)
    }
  }
}
