extension Array where Element: Equatable {
  /// Whether no two elements are equal.
  ///
  /// For the few keys of a keyset: each is compared with each. A program that checks one license and
  /// ends would wait longer for the first table of a type to be made ready than for this.
  var areDistinct: Bool {
    for index in indices where self[..<index].contains(self[index]) { return false }
    return true
  }
}
