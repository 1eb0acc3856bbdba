// SQLite stores in a folder of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "common/store/store.h"
#include "tests/support/files.h"

namespace makegood::testing {

class Scratch : public ScratchFolder {
 public:
  std::string DatabaseOf(const std::string& service) const { return Path(service + ".db"); }

  // Opens the service's database here, again and again if need be.
  std::unique_ptr<store::Store> Open(const std::string& service, const Clock& clock,
                                     store::StoreObserver observer = {}, uint32_t parts = 4,
                                     bool new_epoch = false) const {
    store::StoreOptions options;
    options.path = DatabaseOf(service);
    options.service = service;
    options.parts = parts;
    options.new_epoch = new_epoch;
    options.observer = std::move(observer);
    auto store = store::OpenSqliteStore(options, clock);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
};

}  // namespace makegood::testing
