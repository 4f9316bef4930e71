import Licensing
import Terminal
import Testing

/// Columns that stand one below the other, whatever script fills them.
@Suite struct TextLayoutTests {
  @Test func `a Chinese character is as wide as two letters`() {
    let cases: [(String, Int)] = [
      ("", 0), ("abc", 3), ("许可证", 6), ("a许b", 4), ("（）：", 6), ("é", 1), ("e\u{301}", 1),
      ("한글", 4), ("かな", 4), ("𠀀", 2), ("Ａ", 2), ("-", 1),
    ]
    #expect(cases.count == 12)
    for (text, columns) in cases { #expect(TextWidth.columns(text) == columns, "\(text)") }
    #expect(TextWidth.padded("许可", to: 6) == "许可  ")
    #expect(TextWidth.padded("许可证", to: 5) == "许可证")
  }

  @Test func `cells of a table begin in the same column in every language`() {
    var table = TextTable(["CUSTOMER", "STATE", "NAME"])
    table.add(["cus_1", "生效中", "示例公司"])
    table.add(["示例", "-", "x"])
    #expect(
      table.text
        == """
        CUSTOMER  STATE   NAME
        cus_1     生效中  示例公司
        示例      -       x
        """)
  }

  @Test func `a row has the label and the text of its language`() {
    let english = TextRow(width: 8, in: .english)
    let chinese = TextRow(width: 8, in: .chinese)
    #expect(english.text("peak", "峰值", "none", "无") == "peak    none")
    #expect(chinese.text("peak", "峰值", "none", "无") == "峰值    无")
    #expect(chinese.text("date", "日期", "2026-11-27") == "日期    2026-11-27")
    #expect(chinese.more("in UTC", "UTC 时刻") == "        UTC 时刻")
  }
}
