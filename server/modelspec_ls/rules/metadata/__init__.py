"""MS151 to MS169: names, labels and annotations, as Kubernetes and other specs take them."""
