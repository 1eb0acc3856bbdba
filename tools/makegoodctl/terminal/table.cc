#include "tools/makegoodctl/terminal/table.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <utility>

namespace makegood::ctl {
namespace {

constexpr size_t kBetween = 2;   // columns
constexpr size_t kLeast = 5;     // a column is not cut below this, while others can be
constexpr size_t kWrapped = 24;  // nor one that goes on in the next line below this, before others are
constexpr size_t kOurId = 36;    // nor the first one below an id that we made

// Narrows the widest of the columns that are wider than their own least, until all of them and the gaps
// fit into `width`.
void Narrow(std::vector<size_t>& widths, size_t width, size_t least_first, size_t least) {
  const size_t gaps = kBetween * (widths.size() - 1);
  while (std::accumulate(widths.begin(), widths.end(), gaps) > width) {
    size_t* widest = nullptr;
    for (size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] <= (i == 0 ? least_first : least)) continue;
      if (widest == nullptr || widths[i] > *widest) widest = &widths[i];
    }
    if (widest == nullptr) return;
    --*widest;
  }
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
  if (width > 0 && columns_ > 0) {
    if (wrap_last_) {
      // It loses nothing by being narrow.
      const size_t all = std::accumulate(widths.begin(), widths.end(), kBetween * (columns_ - 1));
      const size_t most = widths.back() - std::min(widths.back(), kWrapped);
      widths.back() -= std::min(most, all - std::min(all, width));
    }
    Narrow(widths, width, kOurId, kLeast);
    Narrow(widths, width, 1, 1);
  }
  return widths;
}

// The first column in lines of its own, the others as a table that is cut up and put below them.
std::vector<std::string> Table::FoldedLines(size_t width, bool colour, size_t indent) const {
  Table first(size_t{1});
  Table others(columns_ - 1);
  const auto split = [&](const std::vector<Cell>& row) {
    first.AddCells({row.front()});
    others.AddCells({row.begin() + 1, row.end()});
  };
  if (!titles_.empty()) split(titles_);
  for (const auto& row : rows_) split(row);
  const std::vector<std::string> above = first.Lines(width, colour, indent);
  const std::vector<std::string> below = others.Lines(width, colour, indent + kBetween);
  std::vector<std::string> lines;
  for (size_t i = 0; i < above.size(); ++i) {
    lines.push_back(above[i]);
    lines.push_back(below[i]);
  }
  return lines;
}

std::vector<std::string> Table::Lines(size_t width, bool colour, size_t indent) const {
  if (width > 0 && fold_first_ && columns_ > 1) {
    const std::vector<size_t> natural = NaturalWidths();
    const size_t all = std::accumulate(natural.begin(), natural.end(), indent + kBetween * (columns_ - 1));
    if (natural.front() > kOurId && all > width) return FoldedLines(width, colour, indent);
  }
  const std::vector<size_t> widths = Widths(width > indent ? width - indent : width);
  std::vector<std::string> lines;
  const auto add_line = [&](const std::vector<Cell>& row) {
    std::string line(indent, ' ');
    size_t missing = 0;  // spaces before the next text
    for (size_t i = 0; i < row.size(); ++i) {
      const bool cut = width > 0 && !(wrap_last_ && i + 1 == row.size());
      const std::string text = cut ? Cut(row[i].text, widths[i]) : row[i].text;
      if (!text.empty()) {
        line.append(missing, ' ');
        missing = 0;
      }
      line += Paint(text, row[i].colour, colour);
      missing += widths[i] + kBetween - std::min(widths[i], DisplayWidth(text));
    }
    lines.push_back(std::move(line));
  };
  const auto add = [&](std::vector<Cell> row) {
    if (width == 0 || !wrap_last_) return add_line(row);
    for (const std::string& piece : Wrap(row.back().text, widths.back())) {
      row.back().text = piece;
      add_line(row);
      for (Cell& cell : row) cell.text.clear();
    }
  };
  if (!titles_.empty()) add(titles_);
  for (const auto& row : rows_) add(row);
  return lines;
}

}  // namespace makegood::ctl
