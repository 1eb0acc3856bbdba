// A folder of the test's own, removed at its end, and SQLite stores in it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "common/store/store.h"

namespace makegood::testing {

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "makegood-test-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }

  std::string DatabaseOf(const std::string& service) const { return path_ / (service + ".db"); }

  // Opens the service's database here, again and again if need be.
  std::unique_ptr<store::Store> Open(const std::string& service, const Clock& clock,
                                     store::StoreObserver observer = {}, uint32_t parts = 4) const {
    store::StoreOptions options;
    options.path = DatabaseOf(service);
    options.service = service;
    options.parts = parts;
    options.observer = std::move(observer);
    auto store = store::OpenSqliteStore(options, clock);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace makegood::testing
