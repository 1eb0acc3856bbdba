// Small real pictures and a film, and larger ones made of them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/support/files.h"

namespace makegood::testing {

// A file of tests/data: "parcel.jpg", "parcel.png", "parcel.webp", "parcel.heic", "parcel.mp4".
inline std::string SampleFile(absl::string_view name) {
  const char* const source = std::getenv("MAKEGOOD_SOURCE_DIR");
  const std::string content = ReadFile(absl::StrCat(source == nullptr ? "." : source, "/tests/data/", name));
  EXPECT_FALSE(content.empty()) << "no sample " << name << "; is MAKEGOOD_SOURCE_DIR set?";
  return content;
}

// The film with a box of `bytes` bytes behind it that players skip; `seed` makes it distinct.
inline std::string LongFilm(size_t bytes, uint32_t seed = 1) {
  std::string film = SampleFile("parcel.mp4");
  const uint32_t length = static_cast<uint32_t>(bytes);
  for (int shift = 24; shift >= 0; shift -= 8) film.push_back(static_cast<char>(length >> shift));
  film.append("free");
  uint32_t noise = seed;
  for (size_t i = 8; i < bytes; ++i) {
    noise = noise * 1664525 + 1013904223;
    film.push_back(static_cast<char>(noise >> 24));
  }
  return film;
}

}  // namespace makegood::testing
