#include "tools/makegoodctl/terminal/table.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <utility>

namespace makegood::ctl {
namespace {

constexpr size_t kBetween = 2;   // columns
constexpr size_t kWrapped = 12;  // a column that goes on in the next line is no narrower where it need not be
constexpr size_t kOurId = 36;    // what is no longer is not cut

// Columns and the gaps between them.
size_t Sum(const std::vector<size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), kBetween * (widths.size() - 1));
}

// The first column of each line: as many stand in one as fit.
std::vector<size_t> Folds(const std::vector<size_t>& widths, size_t width) {
  std::vector<size_t> folds = {0};
  size_t used = widths.front();
  for (size_t i = 1; i < widths.size(); ++i) {
    used += kBetween + widths[i];
    if (width == 0 || used <= width) continue;
    folds.push_back(i);
    used = kBetween + widths[i];  // a little further in
  }
  return folds;
}

// What is left for the last column in a line that begins with the column `first`.
size_t RestOfLine(const std::vector<size_t>& widths, size_t first, size_t room) {
  size_t used = kBetween;  // a little further in
  for (size_t i = first; i + 1 < widths.size(); ++i) used += widths[i] + kBetween;
  return std::max(widths.back(), room - std::min(used, room));
}

}  // namespace

Table::Table(const std::vector<std::string>& titles) : columns_(titles.size()) {
  for (const std::string& title : titles) titles_.push_back({title, Colour::kTitle});
}

void Table::Add(const std::vector<std::string>& cells) {
  std::vector<Cell> row;
  for (const std::string& text : cells) row.push_back({text});
  AddCells(std::move(row));
}

void Table::AddCells(std::vector<Cell> cells) {
  cells.resize(columns_);
  for (Cell& cell : cells) cell.text = OneLine(cell.text);
  rows_.push_back(std::move(cells));
}

void Table::Print(size_t indent) const {
  const Terminal terminal = LookAtTerminal();
  for (const std::string& line : Lines(terminal.width, terminal.colour_out, indent)) std::puts(line.c_str());
}

// Those that are to be left out.
std::vector<size_t> Table::EmptyColumns() const {
  std::vector<size_t> empty;
  for (const size_t column : where_set_) {
    const bool set = std::any_of(rows_.begin(), rows_.end(), [column](const std::vector<Cell>& row) {
      return !row[column].text.empty();
    });
    if (!set) empty.push_back(column);
  }
  return empty;
}

Table Table::Without(const std::vector<size_t>& columns) const {
  const auto kept = [&columns](const std::vector<Cell>& row) {
    std::vector<Cell> cells;
    for (size_t i = 0; i < row.size(); ++i) {
      if (std::find(columns.begin(), columns.end(), i) == columns.end()) cells.push_back(row[i]);
    }
    return cells;
  };
  Table table(columns_ - columns.size());
  table.wrap_last_ = wrap_last_;
  table.titles_ = kept(titles_);
  for (const std::vector<Cell>& row : rows_) table.rows_.push_back(kept(row));
  return table;
}

std::vector<size_t> Table::NaturalWidths() const {
  std::vector<size_t> widths(columns_);
  const auto widen = [&widths](const std::vector<Cell>& row) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i].text));
  };
  widen(titles_);
  for (const auto& row : rows_) widen(row);
  return widths;
}

std::vector<size_t> Table::Widths(size_t width) const {
  std::vector<size_t> widths = NaturalWidths();
  if (width == 0) return widths;
  const auto narrow = [&widths, width](size_t column, size_t least) {
    const size_t all = Sum(widths);
    const size_t most = widths[column] - std::min(widths[column], least);
    widths[column] -= std::min(most, all - std::min(all, width));
  };
  if (wrap_last_) narrow(columns_ - 1, kWrapped);  // it loses nothing by being narrow
  for (size_t i = columns_ - 1; i > 0; --i) narrow(i, kOurId);
  // One that fills a line is cut at its end.
  widths.front() = std::min(widths.front(), width);
  for (size_t i = 1; i < columns_; ++i) widths[i] = std::min(widths[i], width - std::min(width, kBetween));
  return widths;
}

std::vector<std::string> Table::Lines(size_t width, bool colour, size_t indent) const {
  if (columns_ == 0) return {};
  if (const std::vector<size_t> empty = EmptyColumns(); !empty.empty()) {
    return Without(empty).Lines(width, colour, indent);
  }
  const size_t room = width > indent ? width - indent : width;
  std::vector<size_t> widths = Widths(room);
  const std::vector<size_t> folds = Folds(widths, room);
  if (wrap_last_ && width > 0 && folds.size() > 1) widths.back() = RestOfLine(widths, folds.back(), room);
  std::vector<std::string> lines;
  // The columns from `begin` to `end` in one line.
  const auto add_line = [&](const std::vector<Cell>& row, size_t begin, size_t end) {
    std::string line(begin == 0 ? indent : indent + kBetween, ' ');
    size_t missing = 0;  // spaces before the next text
    bool any = false;
    for (size_t i = begin; i < end; ++i) {
      const bool cut = width > 0 && !(wrap_last_ && i + 1 == columns_);
      const std::string text = cut ? Cut(row[i].text, widths[i]) : row[i].text;
      if (!text.empty()) {
        line.append(missing, ' ');
        missing = 0;
        any = true;
      }
      line += Paint(text, row[i].colour, colour);
      missing += widths[i] + kBetween - std::min(widths[i], DisplayWidth(text));
    }
    if (begin == 0 || any) lines.push_back(std::move(line));
  };
  const auto add = [&](std::vector<Cell> row) {
    for (size_t i = 0; i < folds.size(); ++i) {
      const bool last = i + 1 == folds.size();
      if (!last || width == 0 || !wrap_last_) {
        add_line(row, folds[i], last ? columns_ : folds[i + 1]);
        continue;
      }
      for (const std::string& piece : Wrap(row.back().text, widths.back())) {
        row.back().text = piece;
        add_line(row, folds[i], columns_);
        for (Cell& cell : row) cell.text.clear();
      }
    }
  };
  if (!titles_.empty()) add(titles_);
  for (const auto& row : rows_) add(row);
  return lines;
}

}  // namespace makegood::ctl
