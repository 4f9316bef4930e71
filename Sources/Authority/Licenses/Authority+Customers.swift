internal import GRDB
internal import Licensing
internal import Sealing

extension Authority {
  /// Adds a customer.
  /// - Parameters:
  ///   - name: 1 to 256 bytes without control characters, not of spaces alone.
  ///   - confirmed: whether ``questions(addingCustomer:)`` were answered with yes.
  /// - Throws: ``AuthorityError`` `INPUT_INVALID`, `QUESTIONS_OPEN`.
  package func addCustomer(
    _ name: String, confirmed: Bool = false, why: String
  ) throws(AuthorityError) -> Customer {
    guard (1...256).contains(name.utf8.count),
      !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }),
      !name.allSatisfy({ $0.isWhitespace || $0.unicodeScalars.allSatisfy(\.isInvisible) })
    else {
      throw AuthorityError(
        .inputInvalid,
        "a customer's name has 1 to 256 bytes, no control characters, and more than spaces")
    }
    let questions = try questions(addingCustomer: name)
    guard confirmed || questions.isEmpty else { throw .unanswered(questions) }
    let author = try author(why, doing: "customer \(name) is added").confirming(questions)
    let customer = Customer(
      id: try IdentifierMaker(random: random).make(at: author.at), name: name,
      createdAt: author.at)
    try registry.write { db in
      try db.execute(
        sql: "INSERT INTO customers (id, name, created_at) VALUES (?, ?, ?)",
        arguments: [customer.id.text, customer.name, customer.createdAt])
      try Registry.append(
        .customerAdd, subjects: [customer.id.text], payload: customer.json.text, by: author,
        in: db)
    }
    return customer
  }

  /// What is to be confirmed before a customer is added: names that differ in capitals or spaces alone, or
  /// in letters that look the same, are taken for the same.
  package func questions(
    addingCustomer name: String
  ) throws(AuthorityError) -> [IssuingQuestion] {
    let same = try registry.customers().filter { $0.name.plain == name.plain }
    var questions: [IssuingQuestion] = []
    if let first = same.first {
      questions.append(
        IssuingQuestion(
          .customerExists, "name",
          "\(first.name) is customer \(first.id) already"
            + (same.count > 1 ? ", and \(same.count - 1) more have the name" : "")
            + ": licenses of one customer belong under one id"))
    }
    if let oddity = name.oddity {
      questions.append(
        IssuingQuestion(
          .customerNameUnusual, "name",
          "\(oddity): whoever types the name as it looks will not find it"))
    }
    return questions
  }
}
