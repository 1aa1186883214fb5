#!/bin/sh
# Builds a vanilla kube-apiserver from Debian bookworm's own source package and puts it, with Debian's etcd, into the
# folder given. Needs neither root nor an entry in /etc/apt: package lists and packages are kept in that folder.
# Usage: build-apiserver.sh FOLDER
set -eu

folder=$1
mkdir -p "$folder/lists/partial" "$folder/archives/partial" "$folder/tools" "$folder/source"

cat > "$folder/bookworm.sources" <<'SOURCES'
Types: deb deb-src
URIs: http://deb.debian.org/debian
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES

apt() {
    apt-get -q -o Dir::Etc::sourcelist="$folder/bookworm.sources" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$folder/lists" -o Dir::Cache="$folder" -o Dir::Cache::archives="$folder/archives" \
        -o APT::Sandbox::User="$(id -un)" "$@"
}

apt update
cd "$folder/archives"
apt download etcd-server golang-1.19-go golang-1.19-src rsync jq libjq1 libonig5 libpopt0 libxxhash0 \
    golang-github-modern-go-reflect2-dev
for package in *.deb; do
    dpkg-deb --extract "$package" "$folder/tools"
done

cd "$folder/source"
apt source --download-only kubernetes
rm -rf kubernetes
dpkg-source --no-check --extract kubernetes_*.dsc kubernetes > /dev/null

# The copy in the source is older than Go 1.18 and breaks with it: a server with it loses labels or panics.
reflect2=vendor/github.com/modern-go/reflect2
rm -f "kubernetes/$reflect2"/*.go "kubernetes/$reflect2"/*.s
cp "$folder/tools/usr/share/gocode/src/github.com/modern-go/reflect2"/*.go \
    "$folder/tools/usr/share/gocode/src/github.com/modern-go/reflect2"/*.s "kubernetes/$reflect2/"

# The build wants to be at its place below GOPATH, and its generators find packages there.
mkdir -p "$folder/go/src/k8s.io"
ln -sfn "$folder/source/kubernetes" "$folder/go/src/k8s.io/kubernetes"
cd "$folder/go/src/k8s.io/kubernetes"
libraries=$(dirname "$(find "$folder/tools/usr/lib" -name 'libjq.so.1' | head -n 1)")
export GOPATH="$folder/go" GOROOT="$folder/tools/usr/lib/go-1.19" GOCACHE="$folder/go/cache" GO111MODULE=off GOFLAGS=
export PATH="$GOROOT/bin:$folder/tools/usr/bin:$PATH" LD_LIBRARY_PATH="$libraries"
export KUBE_GIT_VERSION=v1.20.2 KUBE_GIT_MAJOR=1 KUBE_GIT_MINOR=20 KUBE_GIT_COMMIT=debian KUBE_GIT_TREE_STATE=clean
make WHAT=cmd/kube-apiserver

mkdir -p "$folder/bin"
cp "$folder/tools/usr/bin/etcd" "$folder/bin/etcd"
cp _output/bin/kube-apiserver "$folder/bin/kube-apiserver.new"
mv "$folder/bin/kube-apiserver.new" "$folder/bin/kube-apiserver"

# What was only needed to build it: some 2 GB.
chmod -R u+w "$folder/go" && rm -rf "$folder/go" "$folder/source" "$folder/tools" "$folder/archives" "$folder/lists"
